//! The commands. What they say is for the person at the keyboard: in Chinese, a sentence at a time; 0 when it was done, 1
//! when it was not, 2 when the command itself is wrong.

use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use app::access::Role;
use app::account::admin::{self, NewUser};
use app::account::password::Cost;
use app::context::Ctx;
use app::error::Refusal;
use app::storage::{LATEST_MIGRATION, StorageError};
use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::{self, Config, ConfigError};
use crate::files::{FileStore, storage_refusal};
use crate::open::{OpenError, open};
use crate::serve::serve;

/// 有事好商量：吴江区协商议事平台。
#[derive(Debug, Parser)]
#[command(name = "server", version, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

/// Settings that every command takes; each can also stand in the file or the environment.
#[derive(Debug, Args)]
struct Settings {
    /// 设置文件（TOML）
    #[arg(long, global = true, value_name = "文件")]
    config: Option<PathBuf>,
    /// 数据文件夹：数据库、附件、站点密钥
    #[arg(long, global = true, value_name = "文件夹")]
    data: Option<String>,
    /// 数据库地址：sqlite:文件 或 postgres://…
    #[arg(long, global = true, value_name = "地址")]
    database_url: Option<String>,
    /// 数据库连接数
    #[arg(long, global = true, value_name = "个")]
    connections: Option<String>,
    /// 日志的详细程度：warn、info、debug
    #[arg(long, global = true, value_name = "级别")]
    log: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 打开网站
    Serve(ServeFlags),
    /// 把数据库结构更新到本程序的版本
    Migrate,
    /// 在空数据库里放进区镇、日历和规则；加 --demo 再放进演示数据
    Seed {
        /// 放进演示数据
        #[arg(long)]
        demo: bool,
    },
    /// 账号
    #[command(subcommand)]
    User(UserCommand),
    /// 承办单位
    #[command(subcommand)]
    Unit(UnitCommand),
    /// 规则和期限
    #[command(subcommand)]
    Rules(RulesCommand),
    /// 放假安排
    #[command(subcommand)]
    Calendar(CalendarCommand),
    /// 校验全部留痕记录；给了文件的，只校验取出的那一卷，不用数据库
    Verify {
        /// 取出的案卷（ZIP）
        file: Option<PathBuf>,
        /// 以前记下的每日总校验值，核对记录是否还接得上
        #[arg(long, value_name = "校验值")]
        root: Option<String>,
    },
    /// 把 SQLite 数据库完整复制到一个新文件
    Backup {
        /// 新文件
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
struct ServeFlags {
    /// 监听地址，默认 127.0.0.1:3000
    #[arg(long, value_name = "地址:端口")]
    listen: Option<String>,
    /// 大家打开网站用的地址，例如 https://consult.example
    #[arg(long, value_name = "网址")]
    public_url: Option<String>,
    /// 可信代理的地址段，用逗号隔开
    #[arg(long, value_name = "地址段")]
    trusted_proxies: Option<String>,
    /// 允许在本机以外明文传输
    #[arg(long)]
    insecure: bool,
    /// 打开演示（只限本机）
    #[arg(long)]
    demo: bool,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// 新建账号
    Add {
        /// 登录名
        login: String,
        /// 姓名
        #[arg(long)]
        name: String,
        /// 作为第一个系统管理员
        #[arg(long)]
        administrator: bool,
        #[command(flatten)]
        password: PasswordFrom,
    },
    /// 授予角色
    Grant {
        /// 登录名
        login: String,
        /// 角色代号
        role: String,
        #[command(flatten)]
        place: Place,
    },
    /// 收回角色
    Revoke {
        /// 登录名
        login: String,
        /// 角色代号
        role: String,
        #[command(flatten)]
        place: Place,
    },
    /// 重设密码
    Password {
        /// 登录名
        login: String,
        #[command(flatten)]
        password: PasswordFrom,
    },
    /// 停用账号
    Disable {
        /// 登录名
        login: String,
    },
    /// 恢复账号
    Enable {
        /// 登录名
        login: String,
    },
    /// 列出账号
    List,
}

#[derive(Debug, Args)]
struct PasswordFrom {
    /// 从标准输入读密码（第一行）
    #[arg(long)]
    password_stdin: bool,
}

/// What a role is held for.
#[derive(Debug, Args)]
struct Place {
    /// 区镇代号，例如 shengze
    #[arg(long)]
    town: Option<String>,
    /// 承办单位名称
    #[arg(long)]
    unit: Option<String>,
}

#[derive(Debug, Subcommand)]
enum UnitCommand {
    /// 新建承办单位
    Add {
        /// 名称
        name: String,
        /// 所属区镇代号；不写就是区级单位
        #[arg(long)]
        town: Option<String>,
    },
    /// 列出承办单位
    List,
}

#[derive(Debug, Subcommand)]
enum RulesCommand {
    /// 载入新一版规则
    Load {
        /// 规则文件（TOML），没写到的沿用全区基准
        file: PathBuf,
        /// 区镇代号；不写就是全区基准
        #[arg(long)]
        town: Option<String>,
        /// 生效日期，例如 2026-12-01；不写就是现在
        #[arg(long, value_name = "日期")]
        from: Option<NaiveDate>,
        /// 依据的文件名称或文号
        #[arg(long, value_name = "文号")]
        basis: Option<String>,
    },
    /// 显示现在有效的规则
    Show {
        /// 区镇代号；不写就是全区基准
        #[arg(long)]
        town: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
enum CalendarCommand {
    /// 载入国务院办公厅公布的全年安排，在办的期限随着改
    Load {
        /// 一天一行，例如「2027-02-06 休 春节」「2027-02-20 班 春节调休」
        file: PathBuf,
    },
    /// 显示现在用的放假安排
    Show,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Config(#[from] ConfigError),
    #[error("{0}")]
    Open(#[from] OpenError),
    #[error("{}", refusal_words(.0))]
    Refused(#[from] Refusal),
    #[error("{0}")]
    Said(String),
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        Self::Refused(error.into())
    }
}

/// What happened, and each thing that is wrong.
fn refusal_words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Invalid(errors) => errors.iter().map(|error| error.sentence.as_str()).collect::<Vec<_>>().join("\n"),
        Refusal::Internal { id } => format!("{}差错编号 {id}，原因见上面的日志。", refusal.sentence()),
        other => other.sentence(),
    }
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    // A file that was taken out is checked where there is no database, no settings and no log.
    if let Command::Verify { file: Some(file), .. } = &cli.command {
        return verify_file(file);
    }
    let config = settings(&cli)?;
    let serving = matches!(cli.command, Command::Serve(_));
    if serving {
        config.check_serving()?;
    }
    start_log(&config, serving)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Said(format!("程序无法启动：{error}")))?;
    runtime.block_on(carry_out(cli.command, &config))
}

/// The settings of a command, from its flags and everywhere else.
fn settings(cli: &Cli) -> Result<Config, ConfigError> {
    let mut flags = Vec::new();
    let mut given = |name: &'static str, value: &Option<String>| {
        if let Some(value) = value {
            flags.push((name, value.clone()));
        }
    };
    given("data", &cli.settings.data);
    given("database_url", &cli.settings.database_url);
    given("connections", &cli.settings.connections);
    given("log", &cli.settings.log);
    if let Command::Serve(serve) = &cli.command {
        given("listen", &serve.listen);
        given("public_url", &serve.public_url);
        given("trusted_proxies", &serve.trusted_proxies);
        given("insecure", &serve.insecure.then(|| "true".to_owned()));
        given("demo", &serve.demo.then(|| "true".to_owned()));
    }
    config::load(flags, cli.settings.config.as_deref())
}

/// The log goes to the terminal's error stream. The other commands say what they did themselves.
fn start_log(config: &Config, serving: bool) -> Result<(), ConfigError> {
    let wanted = if serving { config.log.as_str() } else { "warn" };
    let filter = EnvFilter::try_new(wanted)
        .map_err(|_| ConfigError(format!("log「{wanted}」不对，请写 warn、info 或 debug。")))?;
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    // A second start in one process (a test) keeps the first log.
    drop(log.try_init());
    Ok(())
}

async fn carry_out(command: Command, config: &Config) -> Result<(), Failure> {
    let ctx = open(config).await?;
    match command {
        Command::Serve(_) => {
            app::town::install(&ctx).await?;
            serve(ctx, config).await.map_err(|error| Failure::Said(format!("{} 打不开：{error}", config.listen)))
        }
        Command::Migrate => {
            say(&format!("数据库结构是第 {LATEST_MIGRATION} 版，和本程序一致。"));
            Ok(())
        }
        Command::Seed { demo } => seed(&ctx, config, demo).await,
        Command::User(command) => user(&ctx, command).await,
        Command::Unit(command) => unit(&ctx, command).await,
        Command::Rules(command) => rules(&ctx, command).await,
        Command::Calendar(command) => calendar(&ctx, command).await,
        Command::Verify { root, .. } => verify(&ctx, root.as_deref()).await,
        Command::Backup { file } => backup(&ctx, config, &file).await,
    }
}

/// What goes out with the announcement of the demo: a page that says so.
const DEMO_MATERIAL: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R\
/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n\
4 0 obj<</Length 52>>stream\nBT /F1 24 Tf 72 720 Td (Demo: traffic counts) Tj ET \nendstream endobj\n\
trailer<</Root 1 0 R>>\n%%EOF\n";

/// Stores the demo's material beside the database.
async fn demo_material(ctx: &Ctx, config: &Config) -> Result<app::files::NewFile, Failure> {
    let store = FileStore::open(&config.data).map_err(|error| storage_refusal(&error))?;
    let mut arrived = store.arriving().map_err(|error| storage_refusal(&error))?;
    arrived.write_all(DEMO_MATERIAL).map_err(|error| storage_refusal(&error))?;
    let accepted = store.accept(arrived, "货车流量记录（演示）.pdf".to_owned(), ctx.now()).await;
    accepted.map_err(|_| Failure::from(Refusal::Unavailable("演示的材料存不下来，请看磁盘是不是满了。".to_owned())))
}

async fn seed(ctx: &Ctx, config: &Config, demo: bool) -> Result<(), Failure> {
    if demo {
        app::demo::seed(ctx, demo_material(ctx, config).await?).await?;
        say("演示数据已经放好。");
    } else if app::town::install(ctx).await? {
        say("区镇、议事室、日历和全区基准规则已经放好。");
    } else {
        say("数据库里已经有区镇，没有改动。");
    }
    Ok(())
}

async fn user(ctx: &Ctx, command: UserCommand) -> Result<(), Failure> {
    app::town::install(ctx).await?;
    match command {
        UserCommand::Add { login, name, administrator, password } => {
            let password = read_password(&password)?;
            let new = NewUser { login: &login, name: &name, password: &password, demo: false };
            if administrator {
                admin::first_administrator(ctx, new, Cost::Full).await?;
                say(&format!("{name}（{login}）是系统管理员了。"));
            } else {
                admin::add_user(ctx, new, Cost::Full).await?;
                say(&format!("{name}（{login}）的账号建好了，还没有角色。用 user grant 授予。"));
            }
        }
        UserCommand::Grant { login, role, place } => {
            let (role, unit) = (read_role(&role)?, unit_of(ctx, &place).await?);
            admin::grant(ctx, &login, role, place.town.as_deref(), unit).await?;
            say(&format!("{login} 有了「{}」的角色。", role.word()));
        }
        UserCommand::Revoke { login, role, place } => {
            let (role, unit) = (read_role(&role)?, unit_of(ctx, &place).await?);
            admin::revoke(ctx, &login, role, place.town.as_deref(), unit).await?;
            say(&format!("{login} 不再有「{}」的角色。", role.word()));
        }
        UserCommand::Password { login, password } => {
            let password = read_password(&password)?;
            admin::set_password(ctx, &login, &password, Cost::Full).await?;
            say(&format!("{login} 的密码改好了，各处登录都已退出。"));
        }
        UserCommand::Disable { login } => {
            admin::set_disabled(ctx, &login, true).await?;
            say(&format!("{login} 停用了。"));
        }
        UserCommand::Enable { login } => {
            admin::set_disabled(ctx, &login, false).await?;
            say(&format!("{login} 可以用了。"));
        }
        UserCommand::List => {
            for user in admin::list_users(ctx).await? {
                let roles: Vec<String> = user.grants.iter().map(app::account::UserGrant::words).collect();
                let marks = [(user.disabled, "停用"), (user.demo, "演示")];
                let marks: String =
                    marks.into_iter().filter_map(|(is, word)| is.then_some(format!("  [{word}]"))).collect();
                say(&format!("{}  {}  {}{marks}", user.login, user.name, roles.join("、")));
            }
        }
    }
    Ok(())
}

fn read_role(code: &str) -> Result<Role, Failure> {
    Role::from_code(code).ok_or_else(|| {
        let known: Vec<String> = Role::ALL.iter().map(|role| format!("{}（{}）", role.code(), role.word())).collect();
        Failure::Said(format!("没有「{code}」这个角色。可以用的有：{}。", known.join("、")))
    })
}

async fn unit_of(ctx: &Ctx, place: &Place) -> Result<Option<app::ids::UnitId>, Failure> {
    let Some(name) = &place.unit else { return Ok(None) };
    match admin::unit_by_name(ctx, name).await? {
        Some(unit) => Ok(Some(unit.unit_id)),
        None => Err(Failure::Said(format!("没有「{name}」这个承办单位，请先用 unit add 添加。"))),
    }
}

async fn unit(ctx: &Ctx, command: UnitCommand) -> Result<(), Failure> {
    app::town::install(ctx).await?;
    match command {
        UnitCommand::Add { name, town } => {
            admin::add_unit(ctx, &name, town.as_deref()).await?;
            say(&format!("承办单位「{name}」建好了。"));
        }
        UnitCommand::List => {
            for unit in admin::list_units(ctx).await? {
                say(&format!("{}  {}", unit.name, unit.town_id.as_deref().unwrap_or("全区")));
            }
        }
    }
    Ok(())
}

async fn rules(ctx: &Ctx, command: RulesCommand) -> Result<(), Failure> {
    app::town::install(ctx).await?;
    match command {
        RulesCommand::Load { file, town, from, basis } => {
            let text = read_text(&file)?;
            app::town::rules::load_version(ctx, town.as_deref(), &text, from, basis.as_deref()).await?;
            let whose = town.unwrap_or_else(|| "全区基准".to_owned());
            let from = from.map_or_else(|| "现在".to_owned(), |day| day.to_string());
            say(&format!("{whose}的新一版规则载入了，从{from}起有效。已立题的议题仍按立题时的规则办。"));
        }
        RulesCommand::Show { town } => {
            let rules = match &town {
                Some(town) => {
                    if app::town::store::town(&ctx.db, town).await?.is_none() {
                        return Err(Failure::Said(format!("没有「{town}」这个区镇。")));
                    }
                    app::town::rules::in_force(&ctx.db, &ctx.shared, town, ctx.now()).await?.1
                }
                None => app::town::rules::baseline(&ctx.db, &ctx.shared, ctx.now()).await?.1,
            };
            say(rules.to_toml().trim_end());
        }
    }
    Ok(())
}

async fn calendar(ctx: &Ctx, command: CalendarCommand) -> Result<(), Failure> {
    app::town::install(ctx).await?;
    match command {
        CalendarCommand::Load { file } => {
            let loaded = app::town::calendar::load(ctx, &read_text(&file)?).await?;
            let years: Vec<String> = loaded.years.iter().map(ToString::to_string).collect();
            let (years, changed, cases) = (years.join("、"), loaded.changed, loaded.cases);
            say(&format!("{years} 年的放假安排载入了，有 {changed} 天变了；{cases} 件在办的事，期限随着改。"));
        }
        CalendarCommand::Show => {
            for day in ctx.shared.calendar().days() {
                let mark = if day.provisional { "  # 暂定" } else { "" };
                say(&format!("{} {} {}{mark}", day.date, day.kind.word(), day.name));
            }
        }
    }
    Ok(())
}

fn read_text(file: &std::path::Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| Failure::Said(format!("{} 打不开：{error}", file.display())))
}

async fn verify(ctx: &Ctx, root: Option<&str>) -> Result<(), Failure> {
    let report = app::ledger::verify(&ctx.db, root).await?;
    say(&format!("查了 {} 条记录链、{} 条记录、{} 个每日总校验值。", report.streams, report.entries, report.roots));
    match report.broken {
        None => {
            say("全部对得上。");
            Ok(())
        }
        Some(broken) => Err(Failure::Said(format!("对不上：{} 第 {} 条，{}", broken.stream, broken.seq, broken.why))),
    }
}

fn verify_file(file: &std::path::Path) -> Result<(), Failure> {
    let checked = crate::documents::archive::check(file)
        .map_err(|why| Failure::Said(format!("{} 对不上：{why}", file.display())))?;
    say(&format!("查了 {} 份表格和附件、{} 条留痕，最后一条是 {}。", checked.parts, checked.entries, checked.head));
    say("全部对得上。");
    Ok(())
}

async fn backup(ctx: &Ctx, config: &Config, file: &std::path::Path) -> Result<(), Failure> {
    if file.exists() {
        return Err(Failure::Said(format!("{} 已经有了，请换一个文件名。", file.display())));
    }
    ctx.db.copy_to(file).await.map_err(|error| match error {
        StorageError::Address(words) => Failure::Said(words),
        other => Failure::Said(format!("{} 写不进去：{other}", file.display())),
    })?;
    say(&format!(
        "数据库已复制到 {}。附件（{}）和站点密钥（{}）也要一起备份。",
        file.display(),
        config.in_data("files").display(),
        config.in_data("secret").display()
    ));
    Ok(())
}

/// A new password: typed twice without being shown, or the first line of the standard input.
fn read_password(from: &PasswordFrom) -> Result<String, Failure> {
    let failed = |error: io::Error| Failure::Said(format!("密码没有读到：{error}"));
    if from.password_stdin {
        let mut text = String::new();
        io::stdin().take(4096).read_to_string(&mut text).map_err(failed)?;
        return Ok(text.lines().next().unwrap_or_default().to_owned());
    }
    let password = rpassword::prompt_password("密码：").map_err(failed)?;
    if rpassword::prompt_password("再输一遍：").map_err(failed)? != password {
        return Err(Failure::Said("两次输入的不一样，没有改动。".to_owned()));
    }
    Ok(password)
}

/// Words for the person at the keyboard; that nobody reads them any more is no failure.
pub(crate) fn say(words: &str) {
    drop(writeln!(io::stdout(), "{words}"));
}

fn complain(words: &str) {
    drop(writeln!(io::stderr(), "{words}"));
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_commands_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_may_stand_before_and_after_the_command() {
        for line in [
            &["server", "serve", "--data", "d", "--demo", "--listen", "127.0.0.1:3001"][..],
            &["server", "--data", "d", "serve", "--demo", "--listen", "127.0.0.1:3001"],
        ] {
            let config = settings(&Cli::try_parse_from(line).unwrap()).unwrap();
            assert_eq!(config.data, std::path::Path::new("d"));
            assert_eq!(config.listen.port(), 3001);
            assert!(config.demo);
        }
        let seed = Cli::try_parse_from(["server", "seed", "--demo", "--data", "d"]).unwrap();
        assert!(matches!(seed.command, Command::Seed { demo: true }));
    }

    #[test]
    fn every_wrong_entry_is_named() {
        let refusal = Refusal::Invalid(vec![
            app::error::FieldError::new("login", "甲。"),
            app::error::FieldError::new("password", "乙。"),
        ]);
        assert_eq!(refusal_words(&refusal), "甲。\n乙。");
        assert!(read_role("officer").is_ok());
        assert!(read_role("chief").unwrap_err().to_string().contains("officer（工委干事）"));
    }
}

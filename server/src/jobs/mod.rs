//! Work in the background: jobs that steps left behind, and what is due by the clock.
//!
//! Every process runs all of it. Nothing here counts on being the only one, and nothing is lost when it stops half-way.

use std::sync::Arc;
use std::time::Duration;

use app::access::Actor;
use app::context::Ctx;
use app::error::Refusal;
use app::evaluation::steps::{CALENDAR_JOB, follow_calendar};
use app::jobs::Job;
use app::letter::post as letter;
use app::storage::Change;
use futures::{StreamExt, stream};
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::http::site::Site;
use crate::mail::Post;

/// How often due jobs are looked for.
const JOBS: Duration = Duration::from_secs(2);
/// How long the jobs in hand may still take when the site stops.
const LAST: Duration = Duration::from_secs(8);
/// How often steps of the clock are looked for.
const CLOCK: Duration = Duration::from_secs(60);
/// How often it is looked whether a day can be sealed.
const SEAL: Duration = Duration::from_secs(10 * 60);
/// How often what has served its time is cleared away.
const SWEEP: Duration = Duration::from_secs(60 * 60);
/// How often it is looked whether another program wrote to the database.
const OTHERS: Duration = Duration::from_secs(1);
/// Jobs taken at once.
const BATCH: i64 = 16;
/// Jobs carried out at once. A batch has to end within a job's lease, also when the mail server hangs: 16 letters, four
/// at a time, for at most 80 seconds each.
const AT_ONCE: usize = 4;

/// Starts everything; it ends when the site stops.
pub fn start(site: &Arc<Site>, tasks: &mut JoinSet<()>) {
    let ctx = site.ctx.acting_as(Actor::Clock);
    tasks.spawn(keep_running_jobs(ctx.clone(), Arc::clone(&site.post), site.stop.clone()));
    every(site, tasks, "clock", CLOCK, {
        let ctx = ctx.clone();
        move || {
            let ctx = ctx.clone();
            async move {
                app::topic::clock::run_due(&ctx).await?;
                app::letter::clock::run_due(&ctx).await?;
                app::invitation::answer::clock::run_due(&ctx).await?;
                app::research::clock::run_due(&ctx).await?;
                app::task::clock::run_due(&ctx).await?;
                app::evaluation::clock::run_due(&ctx).await.map(|_| ())
            }
        }
    });
    every(site, tasks, "count", CLOCK, {
        let ctx = ctx.clone();
        move || {
            let ctx = ctx.clone();
            async move { app::board::refresh(&ctx, usize::MAX).await.map(|_| ()) }
        }
    });
    every(site, tasks, "seal", SEAL, {
        let ctx = ctx.clone();
        move || {
            let ctx = ctx.clone();
            async move { app::ledger::seal_day(&ctx).await.map(|_| ()) }
        }
    });
    every(site, tasks, "sweep", SWEEP, {
        let (site, ctx) = (Arc::clone(site), ctx.clone());
        move || sweep(Arc::clone(&site), ctx.clone())
    });
    tasks.spawn(stopping(site.stop.clone(), watch_others(ctx.clone())));
    tasks.spawn(stopping(site.stop.clone(), follow_changes(ctx)));
}

/// Runs something now and again; a failure is noted, and it is tried again when it is due next.
fn every<F, R>(site: &Arc<Site>, tasks: &mut JoinSet<()>, what: &'static str, period: Duration, run: F)
where
    F: Fn() -> R + Send + 'static,
    R: Future<Output = Result<(), Refusal>> + Send + 'static,
{
    tasks.spawn(stopping(site.stop.clone(), async move {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = run().await {
                tracing::warn!(what, %error, "background work failed and will be tried again");
            }
        }
    }));
}

/// Runs jobs as they become due. When the site stops, the letters in hand are finished: one that is cut off would have
/// to be asked about.
async fn keep_running_jobs(ctx: Ctx, post: Arc<Post>, stop: CancellationToken) {
    let too_late = async {
        stop.cancelled().await;
        tokio::time::sleep(LAST).await;
    };
    let work = async {
        let mut ticks = interval(JOBS);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            if let Err(error) = run_jobs(&ctx, &post, &stop).await {
                tracing::warn!(%error, "jobs failed and will be tried again");
            }
        }
    };
    tokio::select! {
        () = too_late => {}
        () = work => {}
    }
}

/// Ends when the site stops. What is in the database's hands then is finished there.
async fn stopping(stop: CancellationToken, work: impl Future<Output = ()> + Send + 'static) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = work => {}
    }
}

/// Carries out the jobs that are due, until none is left. Several at once: a letter mostly waits for the mail server.
///
/// Once `stop` is given, none is begun any more; those that were taken are free again when their lease is over.
///
/// # Errors
/// When the database is away; a job's own failure is noted with the job.
pub async fn run_jobs(ctx: &Ctx, post: &Post, stop: &CancellationToken) -> Result<(), Refusal> {
    loop {
        if stop.is_cancelled() {
            return Ok(());
        }
        let jobs = app::jobs::claim(ctx, BATCH).await?;
        if jobs.is_empty() {
            return Ok(());
        }
        // All of them come to their end, also when one cannot be noted: a letter that is cut off has to be asked about.
        let ended: Vec<Result<(), Refusal>> = stream::iter(jobs)
            .map(|job| async move { if stop.is_cancelled() { Ok(()) } else { run_one(ctx, post, job).await } })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        ended.into_iter().collect::<Result<(), Refusal>>()?;
    }
}

/// Carries out one job and notes how it ended.
async fn run_one(ctx: &Ctx, post: &Post, job: Job) -> Result<(), Refusal> {
    match carry_out(ctx, post, &job).await {
        Ok(()) => app::jobs::done(ctx, job.id).await,
        Err(error) => {
            tracing::warn!(kind = %job.kind, job = %job.id, attempts = job.attempts, %error, "a job failed");
            app::jobs::failed(ctx, &job, error).await
        }
    }
}

/// Carries out one job. A kind that is not known was left by a newer program: it stays there, visible, for that program.
async fn carry_out(ctx: &Ctx, post: &Post, job: &Job) -> Result<(), String> {
    match job.kind.as_str() {
        letter::LETTER_JOB => post.deliver(ctx, job).await,
        kind if letter::ROUNDS.contains(&kind) => match letter::run_round(ctx, job).await {
            Ok(letters) => {
                tracing::info!(kind, letters, "letters were written");
                Ok(())
            }
            Err(refusal) => Err(refusal.sentence()),
        },
        letter::PROGRESS_JOB => match letter::run_progress(ctx, job).await {
            Ok(_) => Ok(()),
            Err(refusal) => Err(refusal.sentence()),
        },
        CALENDAR_JOB => match follow_calendar(ctx, job).await {
            // A case that may not be moved any more has no day left to move.
            Ok(()) | Err(Refusal::Conflict { .. } | Refusal::NotFound) => Ok(()),
            Err(refusal) => Err(refusal.sentence()),
        },
        kind => Err(format!("本程序不认识「{kind}」这种后台工作")),
    }
}

async fn sweep(site: Arc<Site>, ctx: Ctx) -> Result<(), Refusal> {
    let files = site.files.sweep(&ctx).await?;
    let sessions = app::account::sessions::sweep(&ctx).await?;
    let rows = app::jobs::sweep(&ctx).await?;
    if files > 0 || sessions > 0 || rows > 0 {
        tracing::info!(files, sessions, rows, "cleared away what has served its time");
    }
    Ok(())
}

/// The command line writes to the same SQLite file while the server runs; nobody tells us of that.
async fn watch_others(ctx: Ctx) {
    let mut ticks = interval(OTHERS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut known = None;
    loop {
        ticks.tick().await;
        match ctx.db.data_version().await {
            // PostgreSQL tells by itself.
            Ok(None) => return,
            Ok(version) => {
                if known.is_some() && known != version {
                    ctx.db.tell_all();
                }
                known = version;
            }
            Err(error) => tracing::warn!(%error, "the database does not answer"),
        }
    }
}

/// Reads again what the process keeps in memory when it may have changed.
async fn follow_changes(ctx: Ctx) {
    let mut changes = ctx.db.events().subscribe();
    loop {
        match changes.recv().await {
            Ok(Change::Case { .. }) => {}
            Ok(Change::All) | Err(RecvError::Lagged(_)) => match app::town::load_calendar(&ctx.db).await {
                Ok(calendar) => ctx.shared.set_calendar(calendar),
                Err(error) => tracing::warn!(%error, "the calendar could not be read again"),
            },
            Err(RecvError::Closed) => return,
        }
    }
}

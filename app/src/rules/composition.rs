//! Who is asked to a meeting: enough people, and all sides (the composition of T6, items 13 and 15).
//!
//! The meter on the page of people and the gate of T6 are this one function, so that what the officer sees is what
//! judges. Minimum numbers are hard and know no exception. The lower share of the public is hard too, but may be passed
//! by exception; the other shares only advise.

use super::{Category, Finding, Level, RuleId, RuleSet};

/// One person on the list, as far as composition counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// As what the person is asked.
    pub category: Category,
    /// Whether the person is a woman.
    pub woman: bool,
}

/// What is counted: people on the list, and open seats that nobody took yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composition {
    /// The people.
    pub people: Vec<Seat>,
    /// Free open seats by category; a category that comes twice is added up.
    pub open: Vec<(Category, u32)>,
}

/// One rule of composition and how the list stands to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The setting that it rests on, `section.key`.
    pub key: &'static str,
    /// What is counted, in plain words. The two lines of the public's share have the same name.
    pub name: &'static str,
    /// How many there are: people, or kinds for `composition.categories_min`.
    pub have: u32,
    /// Of how many, for a share; 0 for a count.
    pub of: u32,
    /// The limit: a count, or a fraction for a share.
    pub limit: f64,
    /// Whether it is a share.
    pub share: bool,
    /// Whether the limit is an upper one.
    pub at_most: bool,
    /// Whether it refuses; else it only advises.
    pub hard: bool,
    /// How it came out.
    pub level: Level,
    /// The numbers: 「13，至少 8 人」, 「5/13 = 38%，至少 34%」.
    pub shown: String,
    /// One word: 够, 合适, 偏低, 偏高, 差 1 人.
    pub word: String,
}

impl Line {
    /// The value that is measured against the limit: the count, or the fraction (0 without anybody).
    #[must_use]
    pub fn value(&self) -> f64 {
        if !self.share {
            f64::from(self.have)
        } else if self.of == 0 {
            0.0
        } else {
            f64::from(self.have) / f64::from(self.of)
        }
    }
}

/// How a list stands to every rule of composition, in the order in which the page shows them.
#[must_use]
pub fn composition(list: &Composition, rules: &RuleSet) -> Vec<Line> {
    let count = Count::of(list, rules);
    let c = &rules.composition;
    vec![
        least(rules, "composition.participants_min", "总人数", count.all, c.participants_min, "人"),
        least(rules, "composition.categories_min", "类别", count.kinds(), c.categories_min, "类"),
        least(rules, "composition.members_min", "政协委员", count.members, c.members_min, "人"),
        least(rules, "composition.stakeholder_min", "利益相关方", count.stakeholders, c.stakeholder_min, "人"),
        least(rules, "composition.department_min", "部门代表", count.departments, c.department_min, "人"),
        share(
            rules,
            "composition.public_share_hard",
            "群众比例",
            count.public_share(),
            c.public_share_hard,
            Side::Hard,
        ),
        share(
            rules,
            "composition.public_share_warn",
            "群众比例",
            count.public_share(),
            c.public_share_warn,
            Side::Advice,
        ),
        share(
            rules,
            "composition.official_share_max_warn",
            "干部比例",
            (count.departments, count.all),
            c.official_share_max_warn,
            Side::AdviceAtMost,
        ),
        // An open seat says nothing of who will take it: women are counted among the people alone.
        share(
            rules,
            "composition.women_share_warn",
            "女性比例",
            (count.women, count.people),
            c.women_share_warn,
            Side::Advice,
        ),
    ]
}

/// What the lines say to somebody who wants to announce (T6). With `excepted` an exception was granted by another
/// person: a share that refuses becomes a warning that names it; a minimum number stays as it is.
///
/// The way to mend leads to the page `people` beside the page of the step (`/desk/topics/{id}/people`).
#[must_use]
pub fn judged(lines: &[Line], excepted: bool) -> Vec<Finding> {
    lines
        .iter()
        .filter(|line| !told_by_another(line, lines))
        .map(|line| {
            let numbers = format!("{}：{}（本镇设定）", line.name, line.shown);
            let finding = match line.level {
                Level::Passed => return Finding::passed(RuleId::T6, format!("{numbers}。")).on(FIELD),
                Level::Blocking if line.share && excepted => {
                    Finding::warning(RuleId::T6, format!("{numbers}，{}；已按例外同意，会写进记录。", line.word))
                }
                Level::Blocking => Finding::blocking(RuleId::T6, format!("{numbers}，{}，请再添人。", line.word)),
                Level::Warning if line.at_most => {
                    Finding::warning(RuleId::T6, format!("{numbers}，{}，建议多请群众。", line.word))
                }
                Level::Warning => Finding::warning(RuleId::T6, format!("{numbers}，{}，建议再添人。", line.word)),
            };
            finding.on(FIELD).mend("去添人", "people")
        })
        .collect()
}

const FIELD: &str = "people";

/// The advised share of the public says nothing new where the hard one refuses already.
fn told_by_another(line: &Line, lines: &[Line]) -> bool {
    !line.hard && lines.iter().any(|other| other.hard && other.name == line.name && other.level == Level::Blocking)
}

/// The smallest addition that would help, in one sentence: what meets every hard rule, or, where these are met, what
/// takes the advice too. `None` when nothing is left to mend, or more people alone cannot mend it.
#[must_use]
pub fn smallest_help(list: &Composition, rules: &RuleSet) -> Option<String> {
    let lines = composition(list, rules);
    if lines.iter().any(|line| line.level == Level::Blocking) {
        let (added, kinds) = to_be_allowed(list, rules)?;
        return Some(format!("再请 {}，人数和比例就够了。", parts(&added, &kinds)));
    }
    lines.iter().any(|line| line.level == Level::Warning).then(|| to_be_advised(list, rules)).flatten()
}

/// More than this many are never proposed: a list that needs them has another fault.
const MOST_ADDED: u32 = 200;

/// People to add, by category; `None` for any of several kinds.
type Added = Vec<(Option<Category>, u32)>;

/// The fewest additional people that meet every hard rule, by category; and the kinds of which any would do for the
/// number under `None`.
fn to_be_allowed(list: &Composition, rules: &RuleSet) -> Option<(Added, Vec<Category>)> {
    let c = &rules.composition;
    let count = Count::of(list, rules);
    let fixed = [
        (Category::Member, c.members_min.saturating_sub(count.members)),
        (Category::Stakeholder, c.stakeholder_min.saturating_sub(count.stakeholders)),
        (Category::Department, c.department_min.saturating_sub(count.departments)),
    ];
    let needed: u32 = fixed.iter().map(|(_, n)| n).sum();
    let mut base = list.clone();
    for (category, n) in fixed {
        base.add(category, n);
    }
    let counted = Count::of(&base, rules);
    // Kinds that are not there yet; those of the public help both the kinds and the share, so they are tried first.
    let missing: Vec<Category> = KINDS.iter().copied().filter(|kind| !counted.has(*kind)).collect();
    let public_missing = missing.contains(&Category::Stakeholder);
    let others: Vec<Category> = missing.into_iter().filter(|kind| *kind != Category::Stakeholder).collect();
    for free in 0..=MOST_ADDED.saturating_sub(needed) {
        for kinds in 0..=free.min(u32::try_from(others.len()).unwrap_or(0)) {
            let mut tried = base.clone();
            for kind in others.iter().take(kinds as usize) {
                tried.add(*kind, 1);
            }
            tried.add(Category::Stakeholder, free - kinds);
            if composition(&tried, rules).iter().any(|line| line.level == Level::Blocking) {
                continue;
            }
            let mut added: Added =
                fixed.iter().filter(|(_, n)| *n > 0).map(|(category, n)| (Some(*category), *n)).collect();
            if free > kinds {
                // Beyond the least number of those concerned, representatives of the public do as well.
                let category = if public_missing || fixed[1].1 > 0 { Category::Stakeholder } else { Category::Public };
                match added.iter_mut().find(|(known, _)| *known == Some(category)) {
                    Some((_, n)) => *n += free - kinds,
                    None => added.push((Some(category), free - kinds)),
                }
            }
            if kinds > 0 {
                added.push((None, kinds));
            }
            return Some((added, others));
        }
    }
    None
}

/// The fewest representatives of the public, and the women among them, that leave no advice open.
fn to_be_advised(list: &Composition, rules: &RuleSet) -> Option<String> {
    for added in 1..=MOST_ADDED {
        for women in 0..=added {
            let mut tried = list.clone();
            for nth in 0..added {
                tried.people.push(Seat { category: Category::Public, woman: nth < women });
            }
            if composition(&tried, rules).iter().all(|line| line.level == Level::Passed) {
                let whom = match women {
                    0 => format!("{added} 位群众代表或利益相关方"),
                    _ if women == added => format!("{added} 位女性群众代表或利益相关方"),
                    _ => format!("{added} 位群众代表或利益相关方（其中女性至少 {women} 位）"),
                };
                return Some(format!("再请 {whom}，各项提醒就都没有了。"));
            }
        }
    }
    None
}

fn parts(added: &[(Option<Category>, u32)], kinds: &[Category]) -> String {
    let words: Vec<String> = added
        .iter()
        .map(|(category, n)| match category {
            Some(Category::Department) => format!("{n} 位部门代表"),
            Some(Category::Public) => format!("{n} 位群众代表或利益相关方"),
            Some(category) => format!("{n} 位{}", category.word()),
            None => {
                let kinds: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
                let each = if *n > 1 { "，各来自不同的类别" } else { "" };
                format!("{n} 位还没有请到的类别（{}任选{each}）", kinds.join("、"))
            }
        })
        .collect();
    words.join("、")
}

impl Composition {
    fn add(&mut self, category: Category, n: u32) {
        for _ in 0..n {
            // Advice on women is no matter here; what is added is counted as women so that it never reads worse.
            self.people.push(Seat { category, woman: true });
        }
    }
}

/// The kinds that `composition.categories_min` counts.
const KINDS: [Category; 6] = [
    Category::Stakeholder,
    Category::Expert,
    Category::Enterprise,
    Category::Village,
    Category::Member,
    Category::Department,
];

struct Count {
    all: u32,
    people: u32,
    women: u32,
    members: u32,
    stakeholders: u32,
    departments: u32,
    public: u32,
    present: Vec<Category>,
}

impl Count {
    fn of(list: &Composition, rules: &RuleSet) -> Self {
        let credit = rules.composition.open_seat_credit;
        let of = |category: Category| {
            let people = list.people.iter().filter(|seat| seat.category == category).count();
            let open = list.open.iter().filter(|(open, _)| *open == category).map(|(_, n)| *n);
            let open = open.fold(0_u32, u32::saturating_add).min(credit);
            u32::try_from(people).unwrap_or(u32::MAX).saturating_add(open)
        };
        let counts: Vec<(Category, u32)> = Category::ALL.iter().map(|category| (*category, of(*category))).collect();
        let sum = |wanted: fn(Category) -> bool| {
            counts.iter().filter(|(category, _)| wanted(*category)).map(|(_, n)| *n).fold(0_u32, u32::saturating_add)
        };
        let mut present: Vec<Category> =
            counts.iter().filter(|(_, n)| *n > 0).map(|(category, _)| category.kind()).collect();
        present.sort_unstable();
        present.dedup();
        Self {
            all: sum(|_| true),
            people: u32::try_from(list.people.len()).unwrap_or(u32::MAX),
            women: u32::try_from(list.people.iter().filter(|seat| seat.woman).count()).unwrap_or(u32::MAX),
            members: sum(|category| category == Category::Member),
            stakeholders: sum(|category| category == Category::Stakeholder),
            departments: sum(|category| category == Category::Department),
            public: sum(Category::is_public),
            present,
        }
    }

    fn kinds(&self) -> u32 {
        u32::try_from(self.present.len()).unwrap_or(u32::MAX)
    }

    fn has(&self, kind: Category) -> bool {
        self.present.contains(&kind)
    }

    const fn public_share(&self) -> (u32, u32) {
        (self.public, self.all)
    }
}

/// A least number.
fn least(rules: &RuleSet, key: &'static str, name: &'static str, have: u32, limit: u32, unit: &str) -> Line {
    let good = have >= limit;
    Line {
        key,
        name,
        have,
        of: 0,
        limit: f64::from(limit),
        share: false,
        at_most: false,
        hard: true,
        level: if good { Level::Passed } else { Level::Blocking },
        shown: format!("{have}，至少 {}", rules.shown(key).unwrap_or_default()),
        word: if good { "够".to_owned() } else { format!("差 {} {unit}", limit - have) },
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Hard,
    Advice,
    AdviceAtMost,
}

fn share(
    rules: &RuleSet,
    key: &'static str,
    name: &'static str,
    (have, of): (u32, u32),
    limit: f64,
    side: Side,
) -> Line {
    let at_most = side == Side::AdviceAtMost;
    let good = within(have, of, limit, at_most);
    let level = match (good, side) {
        (true, _) => Level::Passed,
        (false, Side::Hard) => Level::Blocking,
        (false, Side::Advice | Side::AdviceAtMost) => Level::Warning,
    };
    let wanted = rules.shown(key).unwrap_or_default();
    let limit_words = if at_most {
        format!("宜不超过 {wanted}")
    } else if side == Side::Hard {
        format!("至少 {wanted}")
    } else {
        format!("宜达到 {wanted}")
    };
    let shown = if of == 0 {
        format!("还没有人，{limit_words}")
    } else {
        format!("{have}/{of} = {}，{limit_words}", per_cent(have, of, limit, good))
    };
    let word = match side {
        _ if good && at_most => "合适".to_owned(),
        _ if good => "够".to_owned(),
        Side::AdviceAtMost => "偏高".to_owned(),
        Side::Hard | Side::Advice => {
            missing(have, of, limit).map_or_else(|| "偏低".to_owned(), |n| format!("差 {n} 人"))
        }
    };
    Line { key, name, have, of, limit, share: true, at_most, hard: side == Side::Hard, level, shown, word }
}

/// Whether a share keeps its limit. Settings are no finer than a thousandth; the margin is for the binary fraction.
fn within(have: u32, of: u32, limit: f64, at_most: bool) -> bool {
    let (have, bound) = (f64::from(have), limit * f64::from(of));
    if at_most { have <= bound + 1e-6 } else { of > 0 && have >= bound - 1e-6 || limit <= 0.0 }
}

/// How many more of the wanted kind would do, when it is only a few; a longer way is called 偏低.
fn missing(have: u32, of: u32, limit: f64) -> Option<u32> {
    (1..=3).find(|n| within(have.saturating_add(*n), of.saturating_add(*n), limit, false))
}

/// In per cent, with as many digits as it takes that a share under its limit does not read like the limit.
fn per_cent(have: u32, of: u32, limit: f64, good: bool) -> String {
    let value = f64::from(have) / f64::from(of) * 100.0;
    let limit = limit * 100.0;
    for digits in 0..2_usize {
        let (shown, bound) = (format!("{value:.digits$}"), format!("{limit:.digits$}"));
        if good || shown != bound {
            return format!("{shown}%");
        }
    }
    format!("{value:.2}%")
}

//! Every role, every step, the own town and another: compared with the table written out.

use std::fmt::Write;

use super::{Actor, Decision, Grant, Relation, Role, Signed, StepKind, Visitor, decide};
use crate::ids::{AccountId, CaseId, InviteeId, SessionId};

fn signed(role: Role) -> Actor {
    let town = !matches!(role, Role::DistrictOffice | Role::Administrator);
    Actor::Signed(
        Signed {
            account: AccountId(uuid::Uuid::nil()),
            session: SessionId(uuid::Uuid::nil()),
            name: String::new(),
            login: String::new(),
            grants: vec![Grant { role, town: town.then(|| "own".to_owned()), unit: None }],
        },
        Visitor::default(),
    )
}

fn letter(decision: Decision) -> char {
    match decision {
        Decision::Allowed => 'Y',
        Decision::SignIn => 's',
        Decision::Forbidden => '-',
        Decision::NotFound => '?',
    }
}

/// Every step of every stage.
fn cards() -> impl Iterator<Item = &'static crate::case::StepCard> {
    [
        crate::topic::steps::CARDS,
        crate::research::steps::CARDS,
        crate::plan::steps::CARDS,
        crate::invitation::steps::CARDS,
        crate::invitation::answer::steps::CARDS,
        crate::meeting::steps::CARDS,
        crate::meeting::floor::steps::CARDS,
        crate::meeting::poll::steps::CARDS,
        crate::minutes::steps::CARDS,
        crate::outcome::steps::CARDS,
        crate::task::steps::CARDS,
        crate::evaluation::steps::CARDS,
        crate::archive::steps::CARDS,
    ]
    .into_iter()
    .flatten()
}

#[test]
fn the_permission_table() {
    let case = CaseId(uuid::Uuid::max());
    let mut actors: Vec<(String, Actor)> = vec![
        ("visitor".to_owned(), Actor::Visitor(Visitor::default())),
        ("proposer".to_owned(), Actor::Proposer { case, visitor: Visitor::default() }),
        (
            "proposer of another".to_owned(),
            Actor::Proposer { case: CaseId(uuid::Uuid::nil()), visitor: Visitor::default() },
        ),
    ];
    actors.push((
        "invitee".to_owned(),
        Actor::Invitee { invitee: InviteeId(uuid::Uuid::nil()), case, visitor: Visitor::default() },
    ));
    actors.extend(Role::ALL.iter().map(|role| (role.code().to_owned(), signed(*role))));
    actors.push(("clock".to_owned(), Actor::Clock));
    actors.push(("operator".to_owned(), Actor::Operator));

    let mut table = String::from(
        "Y allowed, s sign in first, - for somebody else, ? does not exist for this actor\n\
         columns: own town unpublished, own town public, other town unpublished, other town public, a new case\n\n",
    );
    for step in StepKind::ALL {
        writeln!(table, "{}", step.code()).unwrap();
        for (name, actor) in &actors {
            let mut line = String::new();
            for (town, is_public, case) in [
                ("own", false, Some(case)),
                ("own", true, Some(case)),
                ("other", false, Some(case)),
                ("other", true, Some(case)),
                ("own", false, None),
            ] {
                let relation = Relation { case, town, is_public, ..Relation::default() };
                line.push(letter(decide(*step, actor, relation)));
            }
            if line.contains('Y') {
                writeln!(table, "  {line}  {name}").unwrap();
            }
        }
        let refused = |actor: &Actor, town, is_public| {
            let relation = Relation { case: Some(case), town, is_public, ..Relation::default() };
            decide(*step, actor, relation)
        };
        // What never depends on the step: an unpublished case of another town does not exist for a town's people.
        for role in [Role::Officer, Role::Director, Role::PartyApprover, Role::GovernmentOffice] {
            assert_eq!(refused(&signed(role), "other", false), Decision::NotFound, "{step:?} {role:?}");
        }
        assert_eq!(refused(&Actor::Visitor(Visitor::default()), "own", false), Decision::NotFound, "{step:?}");
    }
    insta::assert_snapshot!("permission_table", table);
}

#[test]
fn the_list_of_steps() {
    let mut list = String::new();
    for card in cards() {
        let roles: Vec<&str> = super::permits(card.kind).iter().map(|w| w.word()).collect();
        let judged = match card.judgement.why_free() {
            Some(why) => format!("free: {why}"),
            None => card.judgement.rules().iter().map(|r| r.code()).collect::<Vec<_>>().join(" "),
        };
        writeln!(list, "{} ({}) | {} | {judged}", card.kind.code(), card.kind.words(), roles.join("、")).unwrap();
    }
    insta::assert_snapshot!("list_of_steps", list);
    // Every kind has its step; the target's half of a merger is an entry, not a step of its own.
    let with_step: Vec<StepKind> = cards().map(|c| c.kind).collect();
    let without: Vec<StepKind> = StepKind::ALL.iter().copied().filter(|k| !with_step.contains(k)).collect();
    assert_eq!(without, [StepKind::ReceiveMerged]);
}

#[test]
fn whoever_raised_it_signed_in_is_its_proposer() {
    let relation =
        Relation { case: Some(CaseId(uuid::Uuid::max())), town: "other", raised_by_actor: true, ..Relation::default() };
    assert_eq!(decide(StepKind::WithdrawTopic, &signed(Role::Member), relation), Decision::Allowed);
    assert_eq!(decide(StepKind::AcceptTopic, &signed(Role::Member), relation), Decision::Forbidden);
}

#[test]
fn the_lead_sees_the_case_from_inside_and_does_the_research_and_nothing_else() {
    let case = Some(CaseId(uuid::Uuid::max()));
    let led = Relation { case, town: "other", led_by_actor: true, ..Relation::default() };
    for step in StepKind::ALL.iter().copied() {
        let research = super::permits(step).contains(&super::Who::Lead);
        let open = super::permits(step).contains(&super::Who::Anyone);
        let expected = if research || open { Decision::Allowed } else { Decision::Forbidden };
        assert_eq!(decide(step, &signed(Role::Member), led), expected, "{step:?}");
    }
    let other = Relation { led_by_actor: false, ..led };
    assert_eq!(decide(StepKind::RecordVisit, &signed(Role::Member), other), Decision::NotFound);
    let public = Relation { is_public: true, ..other };
    assert_eq!(decide(StepKind::RecordVisit, &signed(Role::Member), public), Decision::Forbidden);
}

#[test]
fn the_chair_signs_and_the_recorder_writes() {
    let case = Some(CaseId(uuid::Uuid::max()));
    let chair = Relation { case, town: "other", chaired_by_actor: true, ..Relation::default() };
    let recorder = Relation { chaired_by_actor: false, written_by_actor: true, ..chair };
    let member = signed(Role::Member);
    assert_eq!(decide(StepKind::SignMinutes, &member, chair), Decision::Allowed);
    assert_eq!(decide(StepKind::SaveSection, &member, chair), Decision::Forbidden);
    assert_eq!(decide(StepKind::SaveSection, &member, recorder), Decision::Allowed);
    assert_eq!(decide(StepKind::SignMinutes, &member, recorder), Decision::Forbidden);
    assert_eq!(
        decide(StepKind::SignMinutes, &signed(Role::Director), Relation { town: "own", ..recorder }),
        Decision::Forbidden
    );
}

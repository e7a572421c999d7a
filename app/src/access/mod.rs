//! Who may do what: roles, grants, the actor of a request, and the permission table. Pure data and functions.

mod permit;

pub use permit::{Decision, Relation, StepKind, Who, decide, may_see, permits};

use crate::ids::{AccountId, CaseId, InviteeId, SessionId, UnitId};

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident $code:literal $word:literal,)*) => {
        /// What a person is for a town, a unit or the district (`domain.md` 2.2). One person may hold several.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Role { $($(#[$doc])* $name,)* }

        impl Role {
            /// Every role.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code that is stored and used on the command line.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The word on screen.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

roles! {
    /// Runs the town's consultation from day to day.
    Officer "officer" "工委干事",
    /// Heads the town committee.
    Director "director" "工委主任",
    /// Decides topics and outcomes for the party committee.
    PartyApprover "party_approver" "党（工）委审批人",
    /// Receives reports for the government.
    GovernmentOffice "government_office" "政府办",
    /// A member of the CPPCC.
    Member "member" "政协委员",
    /// Handles a unit's tasks.
    UnitHandler "unit_handler" "承办单位经办人",
    /// Answers for a unit.
    UnitHead "unit_head" "承办单位负责人",
    /// The district's office: sees every town.
    DistrictOffice "district_office" "区政协办",
    /// Keeps accounts, settings and the machine.
    Administrator "administrator" "系统管理员",
}

impl Role {
    /// The role of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.code() == code)
    }
}

/// A role held for a town, a unit, or (with neither) the district.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The town it is held for.
    pub town: Option<String>,
    /// The unit it is held for.
    pub unit: Option<UnitId>,
}

/// A person who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The account.
    pub account: AccountId,
    /// The session it is signed in with.
    pub session: SessionId,
    /// The person's name, for the workspace only.
    pub name: String,
    /// The login name.
    pub login: String,
    /// What the person is.
    pub grants: Vec<Grant>,
}

impl Signed {
    /// Whether the person holds a role for a town.
    #[must_use]
    pub fn is(&self, role: Role, town: &str) -> bool {
        self.grants.iter().any(|g| g.role == role && g.town.as_deref() == Some(town))
    }

    /// Whether the person holds a role anywhere.
    #[must_use]
    pub fn is_anywhere(&self, role: Role) -> bool {
        self.grants.iter().any(|g| g.role == role)
    }

    /// Whether the person sees every town's workspace.
    #[must_use]
    pub fn sees_district(&self) -> bool {
        self.is_anywhere(Role::DistrictOffice)
    }

    /// The towns whose cases the person works on: officer, director, party approver, government office.
    #[must_use]
    pub fn desk_towns(&self) -> Vec<&str> {
        let mut towns: Vec<&str> = self
            .grants
            .iter()
            .filter(|g| matches!(g.role, Role::Officer | Role::Director | Role::PartyApprover | Role::GovernmentOffice))
            .filter_map(|g| g.town.as_deref())
            .collect();
        towns.sort_unstable();
        towns.dedup();
        towns
    }

    /// The towns whose cases the person sees from inside.
    #[must_use]
    pub fn seen_towns(&self) -> Towns {
        if self.sees_district() {
            Towns::All
        } else {
            Towns::Only(self.desk_towns().into_iter().map(str::to_owned).collect())
        }
    }
}

/// Which towns a list is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Towns {
    /// Every one.
    All,
    /// Those with these codes; none at all where none is named.
    Only(Vec<String>),
}

impl Towns {
    /// Whether it is about no town.
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self, Self::Only(towns) if towns.is_empty())
    }

    /// Whether a town is one of them.
    #[must_use]
    pub fn has(&self, town: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(towns) => towns.iter().any(|one| one == town),
        }
    }
}

/// An anonymous visitor, known by keyed hashes only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    /// Keyed hash of the browser's cookie; a browser that has none yet gets one with its first form.
    pub browser: String,
    /// Keyed hash of the address prefix.
    pub prefix: String,
}

/// Who is acting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody without an account.
    Visitor(Visitor),
    /// Somebody who showed the tracking code of a case.
    Proposer {
        /// The case the code opens.
        case: CaseId,
        /// The browser it was shown from.
        visitor: Visitor,
    },
    /// Somebody who opened the personal link of an invitation.
    Invitee {
        /// Who is invited.
        invitee: InviteeId,
        /// The case the link is about.
        case: CaseId,
        /// The browser it was opened in.
        visitor: Visitor,
    },
    /// Somebody who is signed in.
    Signed(Signed, Visitor),
    /// The clock: lapses, overdue marks.
    Clock,
    /// The command line on the machine itself.
    Operator,
}

impl Actor {
    /// The signed-in person.
    #[must_use]
    pub const fn signed(&self) -> Option<&Signed> {
        match self {
            Self::Signed(signed, _) => Some(signed),
            _ => None,
        }
    }

    /// The account, where there is one.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.signed().map(|s| s.account)
    }

    /// The browser and address it comes from; empty for clock and operator.
    #[must_use]
    pub fn visitor(&self) -> Visitor {
        match self {
            Self::Visitor(v)
            | Self::Proposer { visitor: v, .. }
            | Self::Invitee { visitor: v, .. }
            | Self::Signed(_, v) => v.clone(),
            Self::Clock | Self::Operator => Visitor::default(),
        }
    }

    /// Under which name a repeated request is recognised.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Visitor(v) => format!("browser:{}", v.browser),
            // The same browser before and after it got its tracking code.
            Self::Proposer { visitor, .. } if !visitor.browser.is_empty() => format!("browser:{}", visitor.browser),
            Self::Proposer { case, .. } => format!("proposer:{case}"),
            Self::Invitee { invitee, .. } => format!("invitee:{invitee}"),
            Self::Signed(s, _) => format!("account:{}", s.account),
            Self::Clock => "clock".to_owned(),
            Self::Operator => "operator".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;

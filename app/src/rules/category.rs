//! Which part somebody has in a consultation: the categories that composition counts (T6) and that people are heard by
//! (T5).

coded_enum! {
    /// The category of somebody who takes part.
    pub enum Category {
        /// A member of the committee (委员).
        Member = "member" "委员",
        /// Somebody whom the matter concerns directly.
        Stakeholder = "stakeholder" "利益相关方",
        /// A representative of the public.
        Public = "public" "群众代表",
        /// A department of party or government, or a handling unit.
        Department = "department" "部门",
        /// An expert.
        Expert = "expert" "专家",
        /// An enterprise or a social organisation.
        Enterprise = "enterprise" "企业和社会组织",
        /// A village or community.
        Village = "village" "村（社区）",
    }
}

impl Category {
    /// Whether it counts as the public: those concerned and representatives together.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Stakeholder | Self::Public)
    }

    /// The kind that `composition.categories_min` counts: those concerned and representatives are one.
    #[must_use]
    pub const fn kind(self) -> Self {
        match self {
            Self::Public => Self::Stakeholder,
            other => other,
        }
    }
}

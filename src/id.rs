//! Checked small integers that stand for classes, votes, labeling functions and columns.
//!
//! An id is an index into the names of the value that made it, two bytes wide so that a
//! [`Vote`](crate::Vote) takes four. Ids of different things cannot be mixed up.

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(u16);

        impl $name {
            /// How many ids there can be.
            pub const LIMIT: usize = 65_000;

            /// The id of position `index`, or `None` at [`LIMIT`](Self::LIMIT) and above.
            #[must_use]
            pub fn new(index: usize) -> Option<Self> {
                (index < Self::LIMIT).then_some(Self(index as u16))
            }

            /// The position this id stands for.
            #[must_use]
            pub fn index(self) -> usize {
                usize::from(self.0)
            }

            /// The ids of the first `n` positions.
            pub(crate) fn first(n: usize) -> impl Iterator<Item = Self> + Clone {
                (0..n.min(Self::LIMIT)).map(|index| Self(index as u16))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// A class: its position in the list of labels.
    ClassId
}
id! {
    /// What can be voted: its position in the list of choices, which begins with the classes.
    ChoiceId
}
id! {
    /// A labeling function: its position in the list of LFs.
    LfId
}
id! {
    /// A column that labeling functions read: its position in the list of fields.
    FieldId
}

impl From<ClassId> for ChoiceId {
    /// The plain vote for a class.
    fn from(class: ClassId) -> Self {
        Self(class.0)
    }
}

impl ClassId {
    /// The class of a choice that is one of the first, those that are just classes.
    pub(crate) fn from_choice(choice: ChoiceId) -> Self {
        Self(choice.0)
    }
}

impl FieldId {
    /// The first column.
    pub(crate) const FIRST: Self = Self(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_checked_at_the_limit() {
        assert_eq!(ClassId::new(3).map(ClassId::index), Some(3));
        assert!(LfId::new(LfId::LIMIT - 1).is_some());
        assert!(LfId::new(LfId::LIMIT).is_none());
        assert_eq!(FieldId::first(3).map(FieldId::index).collect::<Vec<_>>(), [0, 1, 2]);
    }
}

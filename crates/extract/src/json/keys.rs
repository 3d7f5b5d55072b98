//! The members that a format asks an object for.

/// A member of a closed list. Made by [`keys`].
pub(crate) trait Key: Copy {
    /// The member with this name, after escapes are undone.
    fn of(name: &[u8]) -> Option<Self>;

    /// Its place in the list, less than 64.
    fn index(self) -> usize;
}

/// A list of members: an enum, and the name of each as it stands in JSON.
macro_rules! keys {
    ($(#[$attribute:meta])* $vis:vis $list:ident { $($key:ident $name:literal)* }) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $vis enum $list { $($key),* }

        impl $list {
            /// How many there are.
            #[allow(dead_code, reason = "not every list is kept by place")]
            $vis const COUNT: usize = [$(Self::$key),*].len();
        }

        impl $crate::json::Key for $list {
            fn of(name: &[u8]) -> Option<Self> {
                match name {
                    $($name => Some(Self::$key),)*
                    _ => None,
                }
            }

            fn index(self) -> usize {
                const { assert!(Self::COUNT <= 64, "one bit for each") };
                self as usize
            }
        }
    };
}

pub(crate) use keys;

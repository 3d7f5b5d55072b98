//! The values of one section, checked, by key.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::address::Address;
use crate::choices::Chosen;
use crate::owner::Owner;
use crate::secret::Secret;
use crate::template::PathTemplate;
use crate::test::Expected;
use crate::topic::TopicTemplate;
use crate::value::Value;

/// The values of one section: what the file gives, else the default.
///
/// A key with a default always has a value: that of the file, or the default when the file's was wrong. The getters
/// without `_if_given` are for those, and the `expect`s in here say that keys are asked for by name and kind of the table.
#[derive(Debug, Default)]
pub(crate) struct Values {
    entries: BTreeMap<&'static str, Value>,
    /// The value of the section's selector was wrong, so that nobody knows which keys belong here.
    pub(crate) is_unusable: bool,
}

impl Values {
    pub(crate) fn insert(&mut self, key: &'static str, value: Value) {
        self.entries.insert(key, value);
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        let value = self.get(key, |value| if let Value::Bool(value) = value { Some(*value) } else { None });
        value.expect("the table has a default for the key")
    }

    pub(crate) fn number(&self, key: &str) -> u64 {
        self.number_if_given(key).expect("the table has a default for the key")
    }

    pub(crate) fn number_if_given(&self, key: &str) -> Option<u64> {
        self.get(key, |value| if let Value::Number(number) = value { Some(*number) } else { None })
    }

    /// A number whose range in the table fits 32 bits.
    pub(crate) fn count(&self, key: &str) -> u32 {
        self.count_if_given(key).expect("the table has a default for the key")
    }

    pub(crate) fn count_if_given(&self, key: &str) -> Option<u32> {
        self.number_if_given(key).map(|number| u32::try_from(number).expect("the table's range fits 32 bits"))
    }

    pub(crate) fn duration(&self, key: &str) -> Duration {
        self.duration_if_given(key).expect("the table has a default for the key, and no \"off\"")
    }

    /// `None` also for `"off"`.
    pub(crate) fn duration_if_given(&self, key: &str) -> Option<Duration> {
        let duration = self.get(key, |value| match value {
            Value::Duration(duration) => Some(Some(*duration)),
            Value::Off => Some(None),
            _ => None,
        });
        duration.flatten()
    }

    pub(crate) fn word<T: Chosen>(&self, key: &str) -> T {
        self.word_if_given(key).expect("the table has a default for the key")
    }

    pub(crate) fn word_if_given<T: Chosen>(&self, key: &str) -> Option<T> {
        self.get(key, |value| if let Value::Text(word) = value { T::by_word(word) } else { None })
    }

    pub(crate) fn text_if_given(&self, key: &str) -> Option<String> {
        self.get(key, |value| if let Value::Text(text) = value { Some(text.clone()) } else { None })
    }

    pub(crate) fn texts(&self, key: &str) -> Vec<String> {
        self.texts_if_given(key).expect("the table has a default for the key")
    }

    pub(crate) fn texts_if_given(&self, key: &str) -> Option<Vec<String>> {
        self.get(key, |value| if let Value::Texts(texts) = value { Some(texts.clone()) } else { None })
    }

    /// The words of a list, each once, in the order of the first of each.
    pub(crate) fn words<T: Chosen + PartialEq>(&self, key: &str) -> Vec<T> {
        let mut words = Vec::new();
        for word in self.texts(key).iter().filter_map(|word| T::by_word(word)) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words
    }

    pub(crate) fn secret_if_given(&self, key: &str) -> Option<Secret> {
        self.get(key, |value| if let Value::Secret(secret) = value { Some(secret.clone()) } else { None })
    }

    pub(crate) fn properties_if_given(&self, key: &str) -> Option<BTreeMap<String, String>> {
        self.get(key, |value| if let Value::Properties(properties) = value { Some(properties.clone()) } else { None })
    }

    pub(crate) fn fields_if_given(&self, key: &str) -> Option<Vec<(String, Expected)>> {
        self.get(key, |value| if let Value::Fields(fields) = value { Some(fields.clone()) } else { None })
    }

    /// `None` also for `"off"`.
    pub(crate) fn address_if_given(&self, key: &str) -> Option<Address> {
        let address = self.get(key, |value| match value {
            Value::Address(address) => Some(Some(address.clone())),
            Value::Off => Some(None),
            _ => None,
        });
        address.flatten()
    }

    pub(crate) fn ip_if_given(&self, key: &str) -> Option<IpAddr> {
        self.get(key, |value| if let Value::Ip(address) = value { Some(*address) } else { None })
    }

    pub(crate) fn path_if_given(&self, key: &str) -> Option<PathBuf> {
        self.get(key, |value| if let Value::Path(path) = value { Some(path.clone()) } else { None })
    }

    pub(crate) fn template_if_given(&self, key: &str) -> Option<PathTemplate> {
        self.get(key, |value| if let Value::Template(template) = value { Some(template.clone()) } else { None })
    }

    pub(crate) fn topic_if_given(&self, key: &str) -> Option<TopicTemplate> {
        self.get(key, |value| if let Value::Topic(topic) = value { Some(topic.clone()) } else { None })
    }

    pub(crate) fn owner_if_given(&self, key: &str) -> Option<Owner> {
        self.get(key, |value| if let Value::Owner(owner) = value { Some(*owner) } else { None })
    }

    pub(crate) fn table(&self, key: &str) -> &Self {
        self.table_if_given(key).expect("the table has a default for the key")
    }

    pub(crate) fn table_if_given(&self, key: &str) -> Option<&Self> {
        self.get(key, |value| if let Value::Table(values) = value { Some(values) } else { None })
    }

    fn get<'a, T>(&'a self, key: &str, of_kind: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.entries.get(key)?;
        Some(of_kind(value).expect("the key has this kind in the table"))
    }
}

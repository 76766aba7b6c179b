//! From TOML's tree to the settings by serde, with faults as data: which key, where, and what was wanted.
//!
//! The `toml` crate's own deserializer says these as text. Kept as data, a fault can be told with a
//! suggestion, and the faulty part can be left out so that the next fault is found in the same pass.

use std::{collections::HashSet, fmt, ops::Range};

use serde::{
    Deserialize,
    de::{
        self, DeserializeSeed, EnumAccess, Expected, IntoDeserializer, MapAccess, SeqAccess,
        Unexpected, VariantAccess, Visitor,
    },
    forward_to_deserialize_any,
};
use toml::{
    Spanned,
    de::{DeArray, DeString, DeTable, DeValue},
};

/// One step down the tree.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// A place in the tree, from the root.
pub(crate) type Path = Vec<Step>;

/// The place as people write it: `rule[2].do`, counted from 1.
pub(crate) fn display(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
            Step::Index(index) => text.push_str(&format!("[{}]", index + 1)),
        }
    }
    text
}

/// What is wrong with one part of the tree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FaultKind {
    /// The last step of the path is a key that nobody knows.
    UnknownKey { known: &'static [&'static str] },
    /// The value is none of these.
    UnknownVariant {
        found: String,
        known: &'static [&'static str],
    },
    /// The table at the path lacks this key.
    MissingKey(&'static str),
    /// The value is of another type.
    WrongType { found: String, wanted: String },
    /// The value's own check refused it.
    Refused(String),
}

/// A fault and its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) path: Path,
    pub(crate) span: Range<usize>,
    placed: bool,
}

impl Fault {
    fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            path: Path::new(),
            span: 0..0,
            placed: false,
        }
    }

    /// Gives the fault its place, unless something deeper already has.
    fn placed(mut self, path: &[Step], span: Range<usize>) -> Self {
        if !self.placed {
            (self.path, self.span, self.placed) = (path.to_vec(), span, true);
        }
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", display(&self.path), self.kind)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(FaultKind::Refused(message.to_string()))
    }
    fn invalid_type(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::new(FaultKind::WrongType {
            found: found.to_string(),
            wanted: wanted.to_string(),
        })
    }
    fn invalid_length(length: usize, wanted: &dyn Expected) -> Self {
        let found = format!("a list of {length}");
        Self::new(FaultKind::WrongType {
            found,
            wanted: wanted.to_string(),
        })
    }
    fn unknown_field(_: &str, known: &'static [&'static str]) -> Self {
        Self::new(FaultKind::UnknownKey { known })
    }
    fn unknown_variant(found: &str, known: &'static [&'static str]) -> Self {
        Self::new(FaultKind::UnknownVariant {
            found: found.to_owned(),
            known,
        })
    }
    fn missing_field(field: &'static str) -> Self {
        Self::new(FaultKind::MissingKey(field))
    }
}

/// Reads a `T` from the tree, as if the parts named by `left_out` were not there.
///
/// # Errors
/// The first fault, with its place.
pub(crate) fn read<T: for<'de> Deserialize<'de>>(
    root: &Spanned<DeTable<'_>>,
    left_out: &HashSet<Path>,
) -> Result<T, Fault> {
    let entries = Entries {
        iter: root.get_ref().iter(),
        value: None,
        path: Path::new(),
        left_out,
    };
    T::deserialize(de::value::MapAccessDeserializer::new(entries))
        .map_err(|fault| fault.placed(&[], root.span()))
}

/// Where the value at `path` is, or the nearest thing above it that is there.
pub(crate) fn span_of(root: &Spanned<DeTable<'_>>, path: &[Step]) -> Range<usize> {
    let Some((Step::Key(first), rest)) = path.split_first() else {
        return root.span();
    };
    let Some(mut node) = root.get_ref().get(first.as_str()) else {
        return root.span();
    };
    for step in rest {
        let next = match step {
            Step::Key(key) => node.get_ref().get(key.as_str()),
            Step::Index(index) => node.get_ref().get(*index),
        };
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    node.span()
}

/// One value and its place.
struct Node<'a, 'i> {
    value: &'a Spanned<DeValue<'i>>,
    path: Path,
    left_out: &'a HashSet<Path>,
}

impl<'a, 'i> Node<'a, 'i> {
    fn entries(&self, table: &'a DeTable<'i>) -> Entries<'a, 'i> {
        Entries {
            iter: table.iter(),
            value: None,
            path: self.path.clone(),
            left_out: self.left_out,
        }
    }

    fn elements(&self, array: &'a DeArray<'i>) -> Elements<'a, 'i> {
        Elements {
            rest: array,
            index: 0,
            path: self.path.clone(),
            left_out: self.left_out,
        }
    }
}

impl<'de> de::Deserializer<'de> for Node<'_, '_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let too_large = || Fault::new(FaultKind::Refused("this number is too large".into()));
        let read = match self.value.get_ref() {
            DeValue::String(text) => visitor.visit_str(text),
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => visitor.visit_i64(number),
                    Err(_) => Err(too_large()),
                }
            }
            DeValue::Float(number) => match number.as_str().parse() {
                Ok(number) => visitor.visit_f64(number),
                Err(_) => Err(too_large()),
            },
            DeValue::Boolean(flag) => visitor.visit_bool(*flag),
            DeValue::Datetime(moment) => Err(de::Error::invalid_type(
                Unexpected::Other(&format!("the date or time {moment}")),
                &visitor,
            )),
            DeValue::Array(array) => {
                let mut elements = self.elements(array);
                visitor
                    .visit_seq(&mut elements)
                    .and_then(|read| match elements.index {
                        // A list of fixed length takes what it needs and says nothing of the rest.
                        taken if taken < array.len() => {
                            let wanted = format!("a list of {taken}");
                            Err(de::Error::invalid_length(array.len(), &wanted.as_str()))
                        }
                        _ => Ok(read),
                    })
            }
            DeValue::Table(table) => visitor.visit_map(self.entries(table)),
        };
        read.map_err(|fault| fault.placed(&self.path, self.value.span()))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let (path, span) = (self.path.clone(), self.value.span());
        let read = match self.value.get_ref() {
            DeValue::String(name) => visitor.visit_enum(de::value::StrDeserializer::new(name)),
            DeValue::Table(table) if table.len() == 1 => visitor.visit_enum(Variant {
                entries: self.entries(table),
            }),
            DeValue::Table(table) => Err(Fault::new(FaultKind::Refused(format!(
                "one key is wanted here, not {}",
                table.len()
            )))),
            other => {
                let found = other.type_str();
                Err(de::Error::invalid_type(
                    Unexpected::Other(found),
                    &"a string",
                ))
            }
        };
        read.map_err(|fault| fault.placed(&path, span))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// The entries of a table.
struct Entries<'a, 'i> {
    iter: toml::map::Iter<'a, Spanned<DeString<'i>>, Spanned<DeValue<'i>>>,
    value: Option<(Path, &'a Spanned<DeValue<'i>>)>,
    path: Path,
    left_out: &'a HashSet<Path>,
}

impl<'de> MapAccess<'de> for Entries<'_, '_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        for (key, value) in self.iter.by_ref() {
            let mut path = self.path.clone();
            path.push(Step::Key(key.get_ref().to_string()));
            if self.left_out.contains(&path) {
                continue;
            }
            let name: de::value::StrDeserializer<'_, Fault> =
                key.get_ref().as_ref().into_deserializer();
            let read = seed
                .deserialize(name)
                .map_err(|fault| fault.placed(&path, key.span()))?;
            self.value = Some((path, value));
            return Ok(Some(read));
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (path, value) = self
            .value
            .take()
            .ok_or_else(|| <Fault as de::Error>::custom("a value was asked for before its key"))?;
        let place = path.clone();
        let node = Node {
            value,
            path,
            left_out: self.left_out,
        };
        seed.deserialize(node)
            .map_err(|fault| fault.placed(&place, value.span()))
    }
}

/// The elements of a list.
struct Elements<'a, 'i> {
    rest: &'a DeArray<'i>,
    index: usize,
    path: Path,
    left_out: &'a HashSet<Path>,
}

impl<'de> SeqAccess<'de> for Elements<'_, '_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        while let Some(value) = self.rest.get(self.index) {
            let mut path = self.path.clone();
            path.push(Step::Index(self.index));
            self.index += 1;
            if self.left_out.contains(&path) {
                continue;
            }
            let place = path.clone();
            let node = Node {
                value,
                path,
                left_out: self.left_out,
            };
            return seed
                .deserialize(node)
                .map_err(|fault| fault.placed(&place, value.span()))
                .map(Some);
        }
        Ok(None)
    }
}

/// `{ variant = value }`.
struct Variant<'a, 'i> {
    entries: Entries<'a, 'i>,
}

impl<'de, 'a, 'i> EnumAccess<'de> for Variant<'a, 'i> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(mut self, seed: V) -> Result<(V::Value, Self), Fault> {
        let variant = self.entries.next_key_seed(seed)?;
        variant
            .map(|variant| (variant, self))
            .ok_or_else(|| de::Error::custom("a name is wanted here"))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Err(Fault::new(FaultKind::Refused(
            "this one takes no value; write its name alone, in quotes".into(),
        )))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(mut self, seed: T) -> Result<T::Value, Fault> {
        self.entries.next_value_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        Err(de::Error::invalid_type(Unexpected::TupleVariant, &visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        Err(de::Error::invalid_type(Unexpected::StructVariant, &visitor))
    }
}

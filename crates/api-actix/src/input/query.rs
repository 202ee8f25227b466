//! The parameters of a query.

use super::{
    fault::Faults,
    field::{Text, wrong_kind},
};
use actix_web::web::Query;
use deserr::{Deserr, IntoValue, Sequence, Value, ValueKind, ValuePointerRef};
use fasttrack_domain::field::Invalid;
use serde_json::{Map, Value as Json};
use std::str::FromStr;

/// The parameters that may be given several times. Of any other one the last counts.
const REPEATABLE: [&str; 1] = ["label"];

/// Splits a query string. The value of a parameter is a string; that of a repeatable one is an array of strings.
pub fn parameters(query: &str) -> Map<String, Json> {
    if query.is_empty() {
        return Map::new();
    }
    // Any query string splits into pairs.
    let pairs = Query::<Vec<(String, String)>>::from_query(query).map(Query::into_inner).unwrap_or_default();
    let mut parameters = Map::new();
    for (name, value) in pairs {
        let value = Json::from(value);
        if REPEATABLE.contains(&name.as_str()) {
            if let Json::Array(values) = parameters.entry(name).or_insert_with(|| Json::Array(Vec::new())) {
                values.push(value);
            }
        } else {
            parameters.insert(name, value);
        }
    }
    parameters
}

/// The values of a repeatable parameter, in the order of the query.
pub struct Repeated<T>(pub Vec<T>);

impl<T> Default for Repeated<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: FromStr<Err = Invalid>> Deserr<Faults> for Repeated<T> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        match value {
            // A fault names the parameter, whichever value is wrong.
            Value::Sequence(values) => values
                .into_iter()
                .map(|value| Text::deserialize_from_value(value.into_value(), at).map(|Text(value)| value))
                .collect::<Result<_, _>>()
                .map(Self),
            other => Err(wrong_kind(other, ValueKind::Sequence, at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_repeatable_parameter_is_an_array() {
        let parsed = |query| Json::Object(parameters(query));
        assert_eq!(parsed(""), json!({}));
        assert_eq!(parsed("label=3"), json!({"label": ["3"]}));
        let expected = json!({"label": ["3", "", "4"], "status": "done", "q": "a b+c"});
        assert_eq!(parsed("label=3&status=todo&label=&status=done&&label=4&q=a+b%2Bc"), expected);
    }
}

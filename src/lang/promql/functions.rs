//! The functions and aggregation operators, as data.

use super::ast::ValueType::{self, Matrix, Scalar, String, Vector};

/// What a function takes and gives.
///
/// Facts: prometheus/prometheus promql/parser/functions.go@v3.14.0; `since` from the same file at v3.0.0 to
/// v3.14.0.
#[derive(Debug)]
pub struct Function {
    /// Its name; case matters.
    pub name: &'static str,
    /// Types of the arguments; the last one repeats when `variadic` allows more.
    pub args: &'static [ValueType],
    /// 0: exactly `args`; n: up to n more than `args` less one; negative: any number more.
    pub variadic: i8,
    /// Type of the result.
    pub returns: ValueType,
    /// First minor version of Prometheus 3 that has it.
    pub since: u16,
    /// First minor version that has it without the feature flag `promql-experimental-functions`.
    pub stable: Option<u16>,
}

/// The function of that name.
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.binary_search_by(|f| f.name.cmp(name)).ok().map(|i| &FUNCTIONS[i])
}

/// First minor version of Prometheus 2 that has the function, counted from 2.40; `None` = none has it
/// (promql/parser/functions.go@v2.40.7 to v2.55.1).
pub(super) fn since_two(function: &Function) -> Option<u16> {
    match function.name {
        "double_exponential_smoothing" => None,
        "histogram_stddev" | "histogram_stdvar" => Some(47),
        "mad_over_time" | "sort_by_label" | "sort_by_label_desc" => Some(49),
        "histogram_avg" => Some(51),
        "info" => Some(55),
        _ => (function.since == 0).then_some(40),
    }
}

/// The aggregation operators, in lower case: prometheus/prometheus promql/parser/lex.go@v3.14.0.
pub const AGGREGATORS: [&str; 14] = [
    "avg",
    "bottomk",
    "count",
    "count_values",
    "group",
    "limit_ratio",
    "limitk",
    "max",
    "min",
    "quantile",
    "stddev",
    "stdvar",
    "sum",
    "topk",
];

const fn f(
    name: &'static str,
    args: &'static [ValueType],
    variadic: i8,
    returns: ValueType,
    since: u16,
    stable: Option<u16>,
) -> Function {
    Function { name, args, variadic, returns, since, stable }
}

/// All functions, sorted by name.
#[rustfmt::skip]
pub static FUNCTIONS: [Function; 90] = [
    f("abs", &[Vector], 0, Vector, 0, Some(0)),
    f("absent", &[Vector], 0, Vector, 0, Some(0)),
    f("absent_over_time", &[Matrix], 0, Vector, 0, Some(0)),
    f("acos", &[Vector], 0, Vector, 0, Some(0)),
    f("acosh", &[Vector], 0, Vector, 0, Some(0)),
    f("asin", &[Vector], 0, Vector, 0, Some(0)),
    f("asinh", &[Vector], 0, Vector, 0, Some(0)),
    f("atan", &[Vector], 0, Vector, 0, Some(0)),
    f("atanh", &[Vector], 0, Vector, 0, Some(0)),
    f("avg_over_time", &[Matrix], 0, Vector, 0, Some(0)),
    f("ceil", &[Vector], 0, Vector, 0, Some(0)),
    f("changes", &[Matrix], 0, Vector, 0, Some(0)),
    f("clamp", &[Vector, Scalar, Scalar], 0, Vector, 0, Some(0)),
    f("clamp_max", &[Vector, Scalar], 0, Vector, 0, Some(0)),
    f("clamp_min", &[Vector, Scalar], 0, Vector, 0, Some(0)),
    f("cos", &[Vector], 0, Vector, 0, Some(0)),
    f("cosh", &[Vector], 0, Vector, 0, Some(0)),
    f("count_over_time", &[Matrix], 0, Vector, 0, Some(0)),
    f("day_of_month", &[Vector], 1, Vector, 0, Some(0)),
    f("day_of_week", &[Vector], 1, Vector, 0, Some(0)),
    f("day_of_year", &[Vector], 1, Vector, 0, Some(0)),
    f("days_in_month", &[Vector], 1, Vector, 0, Some(0)),
    f("deg", &[Vector], 0, Vector, 0, Some(0)),
    f("delta", &[Matrix], 0, Vector, 0, Some(0)),
    f("deriv", &[Matrix], 0, Vector, 0, Some(0)),
    f("double_exponential_smoothing", &[Matrix, Scalar, Scalar], 0, Vector, 0, None),
    f("end", &[], 0, Scalar, 12, None),
    f("exp", &[Vector], 0, Vector, 0, Some(0)),
    f("first_over_time", &[Matrix], 0, Vector, 7, Some(14)),
    f("floor", &[Vector], 0, Vector, 0, Some(0)),
    f("histogram_avg", &[Vector], 0, Vector, 0, Some(0)),
    f("histogram_count", &[Vector], 0, Vector, 0, Some(0)),
    f("histogram_fraction", &[Scalar, Scalar, Vector], 0, Vector, 0, Some(0)),
    f("histogram_quantile", &[Scalar, Vector], 0, Vector, 0, Some(0)),
    f("histogram_quantiles", &[Vector, String, Scalar, Scalar], 9, Vector, 11, None),
    f("histogram_stddev", &[Vector], 0, Vector, 0, Some(0)),
    f("histogram_stdvar", &[Vector], 0, Vector, 0, Some(0)),
    f("histogram_sum", &[Vector], 0, Vector, 0, Some(0)),
    f("hour", &[Vector], 1, Vector, 0, Some(0)),
    f("idelta", &[Matrix], 0, Vector, 0, Some(0)),
    f("increase", &[Matrix], 0, Vector, 0, Some(0)),
    f("info", &[Vector, Vector], 1, Vector, 0, None),
    f("irate", &[Matrix], 0, Vector, 0, Some(0)),
    f("label_join", &[Vector, String, String, String], -1, Vector, 0, Some(0)),
    f("label_replace", &[Vector, String, String, String, String], 0, Vector, 0, Some(0)),
    f("last_over_time", &[Matrix], 0, Vector, 0, Some(0)),
    f("ln", &[Vector], 0, Vector, 0, Some(0)),
    f("log10", &[Vector], 0, Vector, 0, Some(0)),
    f("log2", &[Vector], 0, Vector, 0, Some(0)),
    f("mad_over_time", &[Matrix], 0, Vector, 0, None),
    f("max_of", &[Scalar, Scalar], 0, Scalar, 13, None),
    f("max_over_time", &[Matrix], 0, Vector, 0, Some(0)),
    f("min_of", &[Scalar, Scalar], 0, Scalar, 13, None),
    f("min_over_time", &[Matrix], 0, Vector, 0, Some(0)),
    f("minute", &[Vector], 1, Vector, 0, Some(0)),
    f("month", &[Vector], 1, Vector, 0, Some(0)),
    f("pi", &[], 0, Scalar, 0, Some(0)),
    f("predict_linear", &[Matrix, Scalar], 0, Vector, 0, Some(0)),
    f("present_over_time", &[Matrix], 0, Vector, 0, Some(0)),
    f("quantile_over_time", &[Scalar, Matrix], 0, Vector, 0, Some(0)),
    f("rad", &[Vector], 0, Vector, 0, Some(0)),
    f("range", &[], 0, Scalar, 12, None),
    f("rate", &[Matrix], 0, Vector, 0, Some(0)),
    f("resets", &[Matrix], 0, Vector, 0, Some(0)),
    f("round", &[Vector, Scalar], 1, Vector, 0, Some(0)),
    f("scalar", &[Vector], 0, Scalar, 0, Some(0)),
    f("sgn", &[Vector], 0, Vector, 0, Some(0)),
    f("sin", &[Vector], 0, Vector, 0, Some(0)),
    f("sinh", &[Vector], 0, Vector, 0, Some(0)),
    f("sort", &[Vector], 0, Vector, 0, Some(0)),
    f("sort_by_label", &[Vector, String], -1, Vector, 0, None),
    f("sort_by_label_desc", &[Vector, String], -1, Vector, 0, None),
    f("sort_desc", &[Vector], 0, Vector, 0, Some(0)),
    f("sqrt", &[Vector], 0, Vector, 0, Some(0)),
    f("start", &[], 0, Scalar, 12, None),
    f("start_timestamp", &[Vector], 0, Vector, 14, None),
    f("stddev_over_time", &[Matrix], 0, Vector, 0, Some(0)),
    f("stdvar_over_time", &[Matrix], 0, Vector, 0, Some(0)),
    f("step", &[], 0, Scalar, 12, None),
    f("sum_over_time", &[Matrix], 0, Vector, 0, Some(0)),
    f("tan", &[Vector], 0, Vector, 0, Some(0)),
    f("tanh", &[Vector], 0, Vector, 0, Some(0)),
    f("time", &[], 0, Scalar, 0, Some(0)),
    f("timestamp", &[Vector], 0, Vector, 0, Some(0)),
    f("ts_of_first_over_time", &[Matrix], 0, Vector, 7, None),
    f("ts_of_last_over_time", &[Matrix], 0, Vector, 5, None),
    f("ts_of_max_over_time", &[Matrix], 0, Vector, 5, None),
    f("ts_of_min_over_time", &[Matrix], 0, Vector, 5, None),
    f("vector", &[Scalar], 0, Vector, 0, Some(0)),
    f("year", &[Vector], 1, Vector, 0, Some(0)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_it_can_be_searched() {
        assert!(FUNCTIONS.is_sorted_by(|a, b| a.name < b.name));
        assert_eq!(function("rate").map(|f| f.name), Some("rate"));
        assert!(function("Rate").is_none());
    }
}

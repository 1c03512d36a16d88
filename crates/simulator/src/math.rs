//! Metric math, as far as scaling policies use it: arithmetic, `FILL`, and `SUM`, `AVG`, `MIN`,
//! `MAX` over a list.
//!
//! Source: CloudWatch user guide, "[Using math expressions with CloudWatch metrics][math]". What
//! is not here is refused by name; a column of the trace named like the `Id` of the result stands
//! in for any expression.
//!
//! [math]: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html

use crate::fleet::Tick;
use crate::signal::{Context, Sample, Signal, Statistic};
use crate::trace::Trace;
use endpoint_autoscaler_core::scaling::MetricMath;

const KNOWN: &str = "must be made of numbers, Ids, + - * / ( ), FILL(x, number), FILL(x, REPEAT), \
    SUM, AVG, MIN and MAX; for any other, give the trace a column named like the Id of the result";

/// An expression over metrics, evaluated once a period.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Formula {
    inputs: Vec<Input>,
    result: Expression,
}

#[derive(Clone, Debug, PartialEq)]
struct Input {
    signal: Signal,
    statistic: Statistic,
    collected: Sample,
}

#[derive(Clone, Debug, PartialEq)]
enum Expression {
    Number(f64),
    Input(usize),
    Negative(Box<Expression>),
    Binary(Box<Expression>, char, Box<Expression>),
    Fill(Box<Expression>, f64),
    Repeat(Box<Expression>, Option<f64>),
    Over(Reduction, Vec<Expression>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Reduction {
    Sum,
    Avg,
    Min,
    Max,
}

impl Formula {
    /// The result of a policy's queries, or the text and the rule that it breaks.
    pub(crate) fn new(math: &MetricMath, context: &Context<'_>) -> Result<Self, (String, String)> {
        let result = math.metrics.iter().find(|query| query.return_data);
        let id = result.map_or("", |query| query.id.as_str());
        let mut inputs = Vec::new();
        if let Some(signal) = Signal::named(id, context) {
            inputs.push(Input::new(signal, Statistic::Average));
            let result = Expression::Input(0);
            return Ok(Self { inputs, result });
        }
        let result = expression_of(id, math, context, &mut inputs, 0)?;
        Ok(Self { inputs, result })
    }

    pub(crate) fn record(&mut self, tick: &Tick, zeros: bool, trace: &Trace) {
        for input in &mut self.inputs {
            if let Some(sample) = input.signal.sample(tick, zeros, trace) {
                input.collected.add(sample);
            }
        }
    }

    /// The value of the period, NaN where it has none.
    pub(crate) fn close(&mut self) -> f64 {
        let values = self.inputs.iter_mut().map(|input| {
            let value = input.collected.statistic(input.statistic);
            input.collected = Sample::NONE;
            value
        });
        let values: Vec<_> = values.collect();
        self.result.value(&values)
    }
}

impl Input {
    fn new(signal: Signal, statistic: Statistic) -> Self {
        Self {
            signal,
            statistic,
            collected: Sample::NONE,
        }
    }
}

/// Expressions over expressions go no deeper; a circle would.
const DEEPEST: usize = 20;

fn expression_of(
    id: &str,
    math: &MetricMath,
    context: &Context<'_>,
    inputs: &mut Vec<Input>,
    depth: usize,
) -> Result<Expression, (String, String)> {
    let refuse = |value: &str, rule: &str| Err((value.to_owned(), rule.to_owned()));
    let Some(query) = math.metrics.iter().find(|query| query.id == id) else {
        return refuse(id, "must be the Id of a query");
    };
    if depth == DEEPEST {
        return refuse(id, "must not refer to itself");
    }
    if let Some(text) = &query.expression {
        let parser = Parser {
            text,
            rest: text,
            resolve: &mut |id| expression_of(id, math, context, inputs, depth + 1),
        };
        return parser.whole();
    }
    let Some(stat) = &query.metric_stat else {
        return refuse(id, "must have an Expression or a MetricStat");
    };
    let name = &stat.metric.metric_name;
    let Some(signal) = Signal::named(name, context) else {
        return refuse(
            name,
            "must be a metric that the model has, or a column of the trace",
        );
    };
    let Some(statistic) = Statistic::parse(&stat.stat) else {
        return refuse(
            &stat.stat,
            "must be Average, Sum, Minimum, Maximum or SampleCount",
        );
    };
    inputs.push(Input::new(signal, statistic));
    Ok(Expression::Input(inputs.len() - 1))
}

impl Expression {
    /// CloudWatch has no data point where an operand has none, and none for a division by zero.
    fn value(&mut self, inputs: &[f64]) -> f64 {
        let value = match self {
            Self::Number(number) => *number,
            Self::Input(index) => inputs[*index],
            Self::Negative(inner) => -inner.value(inputs),
            Self::Binary(left, operator, right) => {
                let (left, right) = (left.value(inputs), right.value(inputs));
                match operator {
                    '+' => left + right,
                    '-' => left - right,
                    '*' => left * right,
                    _ => left / right,
                }
            }
            Self::Fill(inner, filler) => {
                let value = inner.value(inputs);
                if value.is_nan() { *filler } else { value }
            }
            Self::Repeat(inner, last) => {
                let value = inner.value(inputs);
                if !value.is_nan() {
                    *last = Some(value);
                }
                last.unwrap_or(f64::NAN)
            }
            Self::Over(reduction, items) => {
                let values = items.iter_mut().map(|item| item.value(inputs));
                let values: Vec<_> = values.filter(|value| !value.is_nan()).collect();
                reduction.over(&values)
            }
        };
        if value.is_finite() { value } else { f64::NAN }
    }
}

impl Reduction {
    fn over(self, values: &[f64]) -> f64 {
        let sum = || values.iter().sum::<f64>();
        if values.is_empty() {
            return f64::NAN;
        }
        match self {
            Self::Sum => sum(),
            #[expect(clippy::cast_precision_loss, reason = "a handful of metrics")]
            Self::Avg => sum() / values.len() as f64,
            Self::Min => values.iter().copied().fold(f64::INFINITY, f64::min),
            Self::Max => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

type Parsed = Result<Expression, (String, String)>;

struct Parser<'a> {
    text: &'a str,
    rest: &'a str,
    resolve: &'a mut dyn FnMut(&str) -> Parsed,
}

impl Parser<'_> {
    fn whole(mut self) -> Parsed {
        let parsed = self.sum()?;
        if self.peek().is_some() {
            return self.refuse();
        }
        Ok(parsed)
    }

    fn refuse<T>(&self) -> Result<T, (String, String)> {
        Err((self.text.to_owned(), KNOWN.to_owned()))
    }

    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.rest = &self.rest[wanted.len_utf8()..];
        }
        found
    }

    fn expect(&mut self, wanted: char) -> Result<(), (String, String)> {
        if self.take(wanted) {
            Ok(())
        } else {
            self.refuse()
        }
    }

    fn word(&mut self) -> &str {
        self.peek();
        let part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.';
        let length = self
            .rest
            .find(|letter| !part(letter))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest;
        word
    }

    fn sum(&mut self) -> Parsed {
        let mut left = self.product()?;
        while let Some(operator @ ('+' | '-')) = self.peek() {
            self.take(operator);
            left = Expression::Binary(left.into(), operator, self.product()?.into());
        }
        Ok(left)
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.atom()?;
        while let Some(operator @ ('*' | '/')) = self.peek() {
            self.take(operator);
            left = Expression::Binary(left.into(), operator, self.atom()?.into());
        }
        Ok(left)
    }

    fn atom(&mut self) -> Parsed {
        if self.take('-') {
            return Ok(Expression::Negative(self.atom()?.into()));
        }
        if self.take('(') {
            let inner = self.sum()?;
            self.expect(')')?;
            return Ok(inner);
        }
        let word = self.word().to_owned();
        if let Ok(number) = word.parse::<f64>()
            && word.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.')
        {
            return Ok(Expression::Number(number));
        }
        match word.to_ascii_uppercase().as_str() {
            "" => self.refuse(),
            "FILL" => self.fill(),
            "SUM" => self.over(Reduction::Sum),
            "AVG" => self.over(Reduction::Avg),
            "MIN" => self.over(Reduction::Min),
            "MAX" => self.over(Reduction::Max),
            _ if self.peek() == Some('(') => self.refuse(),
            _ => (self.resolve)(&word),
        }
    }

    fn fill(&mut self) -> Parsed {
        self.expect('(')?;
        let inner = Box::new(self.sum()?);
        self.expect(',')?;
        let negative = self.take('-');
        let filler = self.word().to_owned();
        self.expect(')')?;
        match filler.parse::<f64>() {
            Ok(number) => Ok(Expression::Fill(
                inner,
                if negative { -number } else { number },
            )),
            Err(_) if filler == "REPEAT" && !negative => Ok(Expression::Repeat(inner, None)),
            Err(_) => self.refuse(),
        }
    }

    fn over(&mut self, reduction: Reduction) -> Parsed {
        self.expect('(')?;
        let listed = self.take('[');
        let mut items = vec![self.sum()?];
        while self.take(',') {
            items.push(self.sum()?);
        }
        if listed {
            self.expect(']')?;
        }
        self.expect(')')?;
        Ok(Expression::Over(reduction, items))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of `text` for each value of `m1` in turn; `m2` is always 4.
    fn values(text: &str, m1: &[f64]) -> Result<Vec<f64>, String> {
        let parser = Parser {
            text,
            rest: text,
            resolve: &mut |id| match id {
                "m1" => Ok(Expression::Input(0)),
                "m2" => Ok(Expression::Input(1)),
                _ => Err((id.to_owned(), "unknown".to_owned())),
            },
        };
        let mut parsed = parser.whole().map_err(|(value, _)| value)?;
        Ok(m1.iter().map(|m1| parsed.value(&[*m1, 4.0])).collect())
    }

    #[test]
    fn arithmetic_binds_as_usual() {
        assert_eq!(values("m1 + m2*2 - (1 - -m1)/2", &[3.0]), Ok(vec![9.0]));
        assert_eq!(values("SUM([m1, m2]) / MAX(m1,m2)", &[4.0]), Ok(vec![2.0]));
        assert_eq!(values("AVG([m1,m2]) - MIN([m1,m2])", &[2.0]), Ok(vec![1.0]));
    }

    /// CloudWatch user guide, "Using math expressions": `FILL`.
    #[test]
    fn cloudwatch_user_guide_fill_with_a_number_or_the_last_value() {
        let gaps = [f64::NAN, 5.0, f64::NAN];
        assert_eq!(values("FILL(m1,0)", &gaps), Ok(vec![0.0, 5.0, 0.0]));
        let repeated = values("FILL(m1, REPEAT)", &gaps).expect("known");
        assert!(repeated[0].is_nan());
        assert_eq!(repeated[1..], [5.0, 5.0]);
    }

    #[test]
    fn what_has_no_value_is_missing() {
        assert!(values("m2/m1", &[0.0]).expect("known")[0].is_nan());
        assert!(values("m2+m1", &[f64::NAN]).expect("known")[0].is_nan());
    }

    #[test]
    fn what_is_unknown_is_refused() {
        for text in [
            "IF(m1>0,1,0)",
            "m1 +",
            "m1)",
            "FILL(m1,LINEAR)",
            "",
            "m1 m2",
            "SUM([m1)",
        ] {
            assert_eq!(values(text, &[1.0]), Err(text.to_owned()));
        }
        assert_eq!(values("m3", &[1.0]), Err("m3".to_owned()));
    }
}

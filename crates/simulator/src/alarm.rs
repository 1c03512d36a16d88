//! CloudWatch alarms: data points become a state.
//!
//! The rules are those of the CloudWatch user guide, "[Configuring how CloudWatch alarms treat
//! missing data][missing]", whose tables are tests below.
//!
//! [missing]: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html

use serde::Serialize;

/// The state of an alarm; a new one starts in `INSUFFICIENT_DATA` (`PutMetricAlarm`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlarmState {
    /// Within the threshold.
    Ok,
    /// Beyond the threshold.
    Alarm,
    /// Not known yet, or not any more.
    InsufficientData,
}

/// `ComparisonOperator`, as far as static thresholds have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Comparison {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "GreaterThanThreshold" => Some(Self::Greater),
            "GreaterThanOrEqualToThreshold" => Some(Self::GreaterOrEqual),
            "LessThanThreshold" => Some(Self::Less),
            "LessThanOrEqualToThreshold" => Some(Self::LessOrEqual),
            _ => None,
        }
    }

    fn breaches(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::Greater => value > threshold,
            Self::GreaterOrEqual => value >= threshold,
            Self::Less => value < threshold,
            Self::LessOrEqual => value <= threshold,
        }
    }

    /// Whether it breaches downwards.
    pub(crate) fn is_less(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual)
    }
}

/// `TreatMissingData`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MissingData {
    Missing,
    Ignore,
    Breaching,
    NotBreaching,
}

impl MissingData {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "missing" => Some(Self::Missing),
            "ignore" => Some(Self::Ignore),
            "breaching" => Some(Self::Breaching),
            "notBreaching" => Some(Self::NotBreaching),
            _ => None,
        }
    }
}

/// When an alarm breaches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rule {
    pub(crate) comparison: Comparison,
    pub(crate) threshold: f64,
    pub(crate) evaluation_periods: usize,
    /// From 1 to `evaluation_periods`.
    pub(crate) datapoints_to_alarm: usize,
    pub(crate) missing: MissingData,
    /// Periods beyond the evaluation periods in which real data points are looked for.
    pub(crate) extra: usize,
}

/// An alarm and the data points it can see.
///
/// Before the first data point nothing is known, which is not the same as missing: an alarm that
/// treats missing data as breaching does not breach by the beginning of the simulation.
#[derive(Clone, Debug)]
pub(crate) struct Alarm {
    rule: Rule,
    /// The evaluation range, NaN where a data point is missing; `newest` walks through it.
    range: Box<[f64]>,
    newest: usize,
    /// Periods seen so far, up to the length of the range.
    seen: usize,
    /// Of the most recent evaluation periods; kept up to date, so that the usual case, where
    /// nothing is missing, does not look at the range.
    breaching: usize,
    missing: usize,
    state: AlarmState,
}

impl Alarm {
    pub(crate) fn new(rule: Rule) -> Self {
        let length = rule.evaluation_periods + rule.extra;
        Self {
            rule,
            range: vec![f64::NAN; length].into(),
            newest: length - 1,
            seen: 0,
            breaching: 0,
            missing: rule.evaluation_periods,
            state: AlarmState::InsufficientData,
        }
    }

    pub(crate) fn rule(&self) -> &Rule {
        &self.rule
    }

    pub(crate) fn state(&self) -> AlarmState {
        self.state
    }

    fn breaches(&self, value: f64) -> bool {
        self.rule.comparison.breaches(value, self.rule.threshold)
    }

    /// The data point `age` periods before the newest.
    fn back(&self, age: usize) -> f64 {
        let length = self.range.len();
        let place = if self.newest >= age {
            self.newest - age
        } else {
            self.newest + length - age
        };
        self.range[place]
    }

    /// Takes the data point of the next period, NaN if it is missing, and evaluates.
    pub(crate) fn push(&mut self, value: f64) -> AlarmState {
        let leaving = self.back(self.rule.evaluation_periods - 1);
        self.missing -= usize::from(leaving.is_nan());
        self.breaching -= usize::from(self.breaches(leaving));
        self.newest += 1;
        if self.newest == self.range.len() {
            self.newest = 0;
        }
        self.range[self.newest] = value;
        self.missing += usize::from(value.is_nan());
        self.breaching += usize::from(self.breaches(value));
        self.seen = (self.seen + 1).min(self.range.len());
        self.state = if self.missing == 0 {
            if self.breaching >= self.rule.datapoints_to_alarm {
                AlarmState::Alarm
            } else {
                AlarmState::Ok
            }
        } else {
            self.with_missing()
        };
        self.state
    }

    /// The real data points that count, from the newest on.
    fn counted(&self) -> impl Iterator<Item = f64> {
        (0..self.range.len())
            .map(|age| self.back(age))
            .filter(|value| !value.is_nan())
            .take(self.rule.evaluation_periods)
    }

    fn with_missing(&self) -> AlarmState {
        let mut real = 0;
        let mut breaching = 0;
        let mut oldest = 0;
        for age in 0..self.seen {
            let value = self.back(age);
            if !value.is_nan() && real < self.rule.evaluation_periods {
                real += 1;
                breaching += usize::from(self.breaches(value));
                oldest = age + 1;
            }
        }
        let (periods, enough) = (self.rule.evaluation_periods, self.rule.datapoints_to_alarm);
        if breaching >= enough {
            return AlarmState::Alarm;
        }
        if real >= periods {
            return AlarmState::Ok;
        }
        // Periods before the beginning may still turn out to have breached.
        let known = self.seen.min(periods);
        let all_breach = breaching == real;
        match self.rule.missing {
            MissingData::Breaching => {
                if breaching + known.saturating_sub(real) >= enough {
                    AlarmState::Alarm
                } else if all_breach && known < periods {
                    self.state
                } else {
                    AlarmState::Ok
                }
            }
            // Something within the threshold is enough for the two that fill in nothing, too.
            _ if self.rule.missing == MissingData::NotBreaching || !all_breach => AlarmState::Ok,
            MissingData::Missing if real == 0 => AlarmState::InsufficientData,
            // "Avoiding premature transitions to alarm state": all that is there breaches, and the
            // oldest is as old as the data points to alarm.
            MissingData::Missing if oldest >= enough => AlarmState::Alarm,
            _ => self.state,
        }
    }

    /// The mean, least or greatest of the data points that were evaluated; none where all are
    /// missing.
    pub(crate) fn aggregate(&self, how: Aggregation) -> Option<f64> {
        let mut count = 0_u32;
        let mut sum = 0.0;
        let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in self.counted() {
            count += 1;
            sum += value;
            least = least.min(value);
            greatest = greatest.max(value);
        }
        (count > 0).then(|| match how {
            Aggregation::Average => sum / f64::from(count),
            Aggregation::Minimum => least,
            Aggregation::Maximum => greatest,
        })
    }
}

/// `MetricAggregationType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aggregation {
    Average,
    Minimum,
    Maximum,
}

impl Aggregation {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "Average" => Some(Self::Average),
            "Minimum" => Some(Self::Minimum),
            "Maximum" => Some(Self::Maximum),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn rule(datapoints_to_alarm: usize, missing: MissingData) -> Rule {
        Rule {
            comparison: Comparison::Greater,
            threshold: 1.0,
            evaluation_periods: 3,
            datapoints_to_alarm,
            missing,
            extra: 2,
        }
    }

    fn point(letter: char) -> f64 {
        match letter {
            '0' => 0.0,
            'X' => 2.0,
            _ => f64::NAN,
        }
    }

    /// How AWS writes it: OK, ALARM, INSUFF or retain.
    fn outcome(points: &str, datapoints_to_alarm: usize, missing: MissingData) -> &'static str {
        let after = |state| {
            let mut alarm = Alarm::new(rule(datapoints_to_alarm, missing));
            for letter in points.chars() {
                alarm.state = state;
                alarm.push(point(letter));
            }
            alarm.state()
        };
        match (after(AlarmState::Ok), after(AlarmState::Alarm)) {
            (AlarmState::Ok, AlarmState::Ok) => "OK",
            (AlarmState::Alarm, AlarmState::Alarm) => "ALARM",
            (AlarmState::InsufficientData, AlarmState::InsufficientData) => "INSUFF",
            (AlarmState::Ok, AlarmState::Alarm) => "retain",
            _ => "?",
        }
    }

    fn row(points: &str, datapoints_to_alarm: usize, expected: &str) {
        let columns = [
            MissingData::Missing,
            MissingData::Ignore,
            MissingData::Breaching,
            MissingData::NotBreaching,
        ];
        let got = columns.map(|missing| outcome(points, datapoints_to_alarm, missing));
        assert_eq!(got.join(" "), expected, "{points}");
    }

    #[test]
    fn cloudwatch_user_guide_table_of_3_out_of_3() {
        row("0-X-X", 3, "OK OK OK OK");
        row("0----", 3, "OK OK OK OK");
        row("-----", 3, "INSUFF retain ALARM OK");
        row("0XX-X", 3, "ALARM ALARM ALARM ALARM");
        row("--X--", 3, "ALARM retain ALARM OK");
    }

    #[test]
    fn cloudwatch_user_guide_table_of_2_out_of_3() {
        row("0-X-X", 2, "ALARM ALARM ALARM ALARM");
        row("00X0X", 2, "ALARM ALARM ALARM ALARM");
        row("0-X--", 2, "OK OK ALARM OK");
        row("----0", 2, "OK OK ALARM OK");
        row("---X-", 2, "ALARM retain ALARM OK");
    }

    /// The same page: after the second row, "the next time this alarm is evaluated, if the data is
    /// still missing it will go to ALARM".
    #[test]
    fn cloudwatch_user_guide_the_row_after_the_second() {
        row("0-----", 3, "INSUFF retain ALARM OK");
    }

    /// The same page, "Avoiding premature transitions to alarm state".
    #[test]
    fn cloudwatch_user_guide_premature_alarm_waits_until_the_breach_is_old_enough() {
        for points in ["----X", "---X-"] {
            assert_eq!(
                outcome(points, 3, MissingData::Missing),
                "retain",
                "{points}"
            );
        }
        assert_eq!(outcome("--X--", 3, MissingData::Missing), "ALARM");
        assert_eq!(outcome("--X-0", 3, MissingData::Missing), "OK");
    }

    /// `PutMetricAlarm`: a new alarm is in `INSUFFICIENT_DATA`.
    #[test]
    fn put_metric_alarm_starts_without_data() {
        let mut alarm = Alarm::new(rule(3, MissingData::Missing));
        assert_eq!(alarm.state(), AlarmState::InsufficientData);
        let states = [2.0, 2.0, 2.0].map(|value| alarm.push(value));
        let [first, second, third] = states;
        assert_eq!(first, AlarmState::InsufficientData);
        assert_eq!(second, AlarmState::InsufficientData);
        assert_eq!(third, AlarmState::Alarm);
    }

    #[test]
    fn the_beginning_of_the_simulation_is_not_missing_data() {
        let mut alarm = Alarm::new(rule(3, MissingData::Breaching));
        let states = [f64::NAN; 3].map(|value| alarm.push(value));
        assert_eq!(
            states,
            [
                AlarmState::InsufficientData,
                AlarmState::InsufficientData,
                AlarmState::Alarm
            ]
        );
    }

    #[test]
    fn operators_differ_at_the_threshold() {
        let at = |text: &str| Comparison::parse(text).map(|op| op.breaches(1.0, 1.0));
        assert_eq!(at("GreaterThanThreshold"), Some(false));
        assert_eq!(at("GreaterThanOrEqualToThreshold"), Some(true));
        assert_eq!(at("LessThanThreshold"), Some(false));
        assert_eq!(at("LessThanOrEqualToThreshold"), Some(true));
        assert_eq!(at("LessThanLowerThreshold"), None);
        assert!(Comparison::Greater.breaches(1.1, 1.0) && Comparison::Less.breaches(0.9, 1.0));
    }

    #[test]
    fn aggregates_what_was_evaluated_and_no_more() {
        let mut alarm = Alarm::new(rule(3, MissingData::Missing));
        assert_eq!(alarm.aggregate(Aggregation::Average), None);
        for value in [100.0, 1.0, 2.0, f64::NAN, 6.0] {
            alarm.push(value);
        }
        assert_eq!(alarm.aggregate(Aggregation::Average), Some(3.0));
        assert_eq!(alarm.aggregate(Aggregation::Minimum), Some(1.0));
        assert_eq!(alarm.aggregate(Aggregation::Maximum), Some(6.0));
    }
}

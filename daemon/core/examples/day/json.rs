//! The report as data.

use serde_json::json;

use crate::{
    bench::{Bench, Row},
    oracle::OracleKnobs,
    score::Summary,
    sweep::{Knobs, Point},
};

fn summary_json(s: &Summary) -> serde_json::Value {
    json!({
        "switches-a-day": s.switches,
        "wrong-a-day": s.wrong,
        "wrong-a-day-95": [s.wrong_interval.0, s.wrong_interval.1],
        "wrong-quartiles": s.wrong_quartiles,
        "delay-lasting-quartiles-min": s.delay_quartiles,
        "delay-lasting-median-95": [s.delay_interval.0, s.delay_interval.1],
        "delay-caught-median-min": s.caught_median,
        "missed": s.missed,
        "noticed-long": s.noticed,
        "noticed-long-at-desk": s.noticed_at_desk,
        "looks-a-day": s.looks,
        "right": s.right,
    })
}

/// The same as data. What is never reached is `null`.
pub(crate) fn json(bench: &Bench) -> serde_json::Value {
    let row = |row: &Row| {
        json!({
            "method": row.name, "summary": summary_json(&row.summary),
            "wrong-share": row.share.0, "wrong-share-95": [row.share.1.0, row.share.1.1],
        })
    };
    let knobs = |p: &Point<Knobs>| {
        json!({
            "half-life-min": p.knobs.half_life, "min-confidence": p.knobs.min_confidence, "hysteresis": p.knobs.hysteresis,
            "dwell-min": p.knobs.dwell, "cooldown-min": p.knobs.cooldown,
            "wrong-share": p.share, "delay-lasting-min": p.delay, "delay-caught-min": p.caught,
            "noticed-long": p.noticed, "right": p.right, "looks-a-day": p.looks,
        })
    };
    let oracle = |p: &Point<OracleKnobs>| {
        json!({
            "threshold": p.knobs.threshold, "margin": p.knobs.margin, "haste": p.knobs.haste,
            "wrong-share": p.share, "delay-lasting-min": p.delay,
        })
    };
    json!({
        "days": bench.days,
        "seed": bench.seed,
        "classifier": {
            "accuracy": bench.telling.accuracy, "coverage-70-50-30": bench.telling.coverage, "faces": bench.telling.faces,
        },
        "methods": bench.rows.iter().map(row).collect::<Vec<_>>(),
        "moods": bench.moods.iter().map(|m| json!({
            "mood": m.mood.name(), "begins-a-day": m.begins, "nats-a-look": m.nats,
            "delay-lasting-quartiles-min": m.delay, "missed": m.missed,
        })).collect::<Vec<_>>(),
        "sweep": bench.ours.paced.iter().map(knobs).collect::<Vec<_>>(),
        "sweep-even": bench.ours.even.iter().map(knobs).collect::<Vec<_>>(),
        "oracle": bench.oracle.paced.iter().map(oracle).collect::<Vec<_>>(),
        "oracle-even": bench.oracle.even.iter().map(oracle).collect::<Vec<_>>(),
        "others": bench.others.iter().map(|o| json!({
            "user": o.name, "argmax": summary_json(&o.argmax), "ours": row(&o.ours), "even": row(&o.even), "oracle": o.oracle.as_ref().map(row),
        })).collect::<Vec<_>>(),
    })
}

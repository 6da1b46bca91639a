//! What a process costs, from `/proc`.

use std::fs;
use std::time::Duration;

use anyhow::Context as _;

/// User and system time of a process with all its threads, up to now.
///
/// # Errors
/// When there is no such process.
pub fn cpu_time(process: i32) -> anyhow::Result<Duration> {
    let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // Two of the numbers behind the name in parentheses, in ticks: fields 14 and 15, where the state is field 3.
    let (_, fields) = text.rsplit_once(')').context("a process without a name")?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks = || -> anyhow::Result<f64> { Ok(fields.next().context("no such field")?.parse()?) };
    let ticks = ticks()? + ticks()?;
    #[expect(clippy::cast_precision_loss, reason = "a hundred a second")]
    let second = rustix::param::clock_ticks_per_second() as f64;
    Ok(Duration::from_secs_f64(ticks / second))
}

/// The most memory that a process held at any time, in bytes.
///
/// # Errors
/// When there is no such process.
pub fn peak_memory(process: i32) -> anyhow::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes * 1_024)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn work_and_memory_show() {
        let process = i32::try_from(std::process::id()).unwrap();
        let before = cpu_time(process).unwrap();
        let started = Instant::now();
        let mut block = vec![1_u8; 8 << 20];
        while started.elapsed() < Duration::from_millis(100) {
            block.fill(started.elapsed().subsec_millis().to_le_bytes()[0]);
        }
        assert!(std::hint::black_box(block).len() > 1);
        assert!(cpu_time(process).unwrap() > before);
        assert!(peak_memory(process).unwrap() > 8 << 20);
        assert!(cpu_time(-1).is_err());
    }
}

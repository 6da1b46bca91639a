//! The way out, tried with servers on this machine.

#[cfg(test)]
mod servers;

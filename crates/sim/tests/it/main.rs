//! Simulation as its users see it: runs, time, traces, faults and the network.

mod faults;
mod network;
mod partitions;
mod running;
mod time;
mod traces;

//! `Line`: those who wait, in order of arrival, as the documentation has it.

/// How somebody in line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Waits,
    /// What it waits for is its own by now, but it has not run yet.
    Granted,
    /// It waits for nothing any more, and has not heard of it.
    Refused,
    /// It has what it came for.
    Served,
}

#[derive(Default)]
pub(crate) struct Line {
    came: u64,
    members: Vec<(u64, Standing)>,
}

impl Line {
    /// Lets somebody in at the end; gives its number.
    pub(crate) fn enter(&mut self) -> u64 {
        self.came += 1;
        self.members.push((self.came, Standing::Waits));
        self.came
    }

    pub(crate) fn count(&self, standing: Standing) -> usize {
        let same = self.members.iter().filter(|member| member.1 == standing);
        same.count()
    }

    /// Grants the oldest that waits what it waits for; whether there is one.
    pub(crate) fn grant_oldest(&mut self) -> bool {
        let mut members = self.members.iter_mut();
        let oldest = members.find(|member| member.1 == Standing::Waits);
        oldest.map(|member| member.1 = Standing::Granted).is_some()
    }

    /// Refuses all who wait.
    pub(crate) fn refuse_waiting(&mut self) {
        for member in &mut self.members {
            if member.1 == Standing::Waits {
                member.1 = Standing::Refused;
            }
        }
    }

    /// Somebody goes on with what it was granted.
    #[track_caller]
    pub(crate) fn serve(&mut self, number: u64) {
        let mut members = self.members.iter_mut();
        let member = members.find(|member| member.0 == number);
        let member = member.expect("it is in line");
        assert_eq!(member.1, Standing::Granted, "number {number} goes on");
        member.1 = Standing::Served;
    }

    /// Somebody leaves; gives how it stood, if it was still there.
    pub(crate) fn leave(&mut self, number: u64) -> Option<Standing> {
        let at = self.members.iter().position(|member| member.0 == number)?;
        Some(self.members.remove(at).1)
    }

    /// Everyone waits: nobody may have been told something and not have heard it.
    #[track_caller]
    pub(crate) fn check_at_rest(&self) {
        let told = self.count(Standing::Granted) + self.count(Standing::Refused);
        assert_eq!(told, 0, "somebody was not woken: {:?}", self.members);
    }
}

//! The order of rules: where one of them stands, and where it moves.

/// Where a rule moves in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Towards {
    /// Before the one before it.
    Front,
    /// Behind the one behind it.
    Back,
    /// To this place, counted from one; beyond the end is the end.
    Place(usize),
}

impl Towards {
    /// The word of a form: `up`, `down`, or the number of a place.
    #[must_use]
    pub fn parse(word: &str) -> Option<Towards> {
        match word {
            "up" => Some(Towards::Front),
            "down" => Some(Towards::Back),
            place => place.parse().ok().filter(|n| *n > 0).map(Towards::Place),
        }
    }

    /// Moves `id` and tells from where to where, counted from zero; nothing when it stays.
    pub(super) fn arrange(self, order: &mut Vec<i64>, id: i64) -> Option<(usize, usize)> {
        let here = order.iter().position(|other| *other == id)?;
        let end = order.len() - 1;
        let there = match self {
            Towards::Front => here.saturating_sub(1),
            Towards::Back => end.min(here + 1),
            Towards::Place(place) => end.min(place.saturating_sub(1)),
        };
        if here == there {
            return None;
        }
        let moved = order.remove(here);
        order.insert(there, moved);
        Some((here, there))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_moves_by_one_place_or_to_one_and_the_others_keep_their_order() {
        let cases = [
            ("up", 1, [1, 2, 3, 4], None),
            ("up", 3, [1, 3, 2, 4], Some((2, 1))),
            ("down", 3, [1, 2, 4, 3], Some((2, 3))),
            ("down", 4, [1, 2, 3, 4], None),
            ("1", 3, [3, 1, 2, 4], Some((2, 0))),
            ("3", 1, [2, 3, 1, 4], Some((0, 2))),
            ("2", 2, [1, 2, 3, 4], None),
            ("99", 1, [2, 3, 4, 1], Some((0, 3))),
        ];
        for (word, id, wanted, moved) in cases {
            let mut order = vec![1, 2, 3, 4];
            let towards = Towards::parse(word).expect("understood");
            assert_eq!(towards.arrange(&mut order, id), moved, "{word} {id}");
            assert_eq!(order, wanted, "{word} {id}");
        }
        assert_eq!(Towards::Front.arrange(&mut vec![1], 7), None);
    }

    #[test]
    fn what_is_no_place_is_not_understood() {
        for word in ["", "0", "-1", "first", "1.5"] {
            assert_eq!(Towards::parse(word), None, "{word}");
        }
    }
}

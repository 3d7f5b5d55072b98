//! From the text of a condition to its tree.
//!
//! ```text
//! condition  = all *( "or" all )
//! all        = part *( "and" part )
//! part       = "not" part / "(" condition ")" / comparison
//! comparison = "exists" "(" name ")" / name "exists" / name operator operand
//! operator   = "==" / "!=" / "<" / "<=" / ">" / ">=" / "in" / "starts_with" / "in_cidr" / "matches"
//! operand    = value / "[" value *( "," value ) [ "," ] "]"
//! value      = text / integer
//! ```

use crate::compile::{Operand, Operator, Takes, comparison};
use crate::error::{Mistake, shown};
use crate::limits::{COMPARISONS_MAX, CONDITION_BYTES_MAX, LIST_MAX, NESTING_MAX, REGEXES_MAX};
use crate::name::Name;
use crate::token::{Token, Word, tokens};
use crate::tree::{Comparison, Tree};

const KEYWORDS: &[&str] = &["and", "or", "not", "in", "starts_with", "in_cidr", "matches", "exists"];

/// Parses `text`.
pub(crate) fn parse(text: &str) -> Result<(Tree, Vec<Comparison>), Mistake> {
    if text.len() > CONDITION_BYTES_MAX {
        let found = format!("a condition of {} octets", text.len());
        return Err(Mistake::new(0, found, format!("at most {CONDITION_BYTES_MAX}")));
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens, next: 0, comparisons: Vec::new(), nesting: 0, regexes: 0 };
    let tree = parser.condition()?;
    match &parser.peek().word {
        Word::End => Ok((tree, parser.comparisons)),
        _ => Err(parser.unexpected("`and`, `or` or the end of the condition")),
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    comparisons: Vec<Comparison>,
    nesting: usize,
    regexes: usize,
}

impl Parser {
    fn condition(&mut self) -> Result<Tree, Mistake> {
        let mut parts = vec![self.all()?];
        while self.take_keyword("or") {
            parts.push(self.all()?);
        }
        Ok(single(parts, Tree::Any))
    }

    fn all(&mut self) -> Result<Tree, Mistake> {
        let mut parts = vec![self.part()?];
        while self.take_keyword("and") {
            parts.push(self.part()?);
        }
        Ok(single(parts, Tree::All))
    }

    fn part(&mut self) -> Result<Tree, Mistake> {
        let at = self.peek().at;
        if self.take_keyword("not") {
            self.enter(at)?;
            let part = self.part()?;
            self.nesting -= 1;
            return Ok(Tree::Not(Box::new(part)));
        }
        if self.take_sign("(") {
            self.enter(at)?;
            let condition = self.condition()?;
            self.nesting -= 1;
            self.expect_sign(")", "`and`, `or` or `)`")?;
            return Ok(condition);
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Tree, Mistake> {
        if self.take_keyword("exists") {
            self.expect_sign("(", "`(` and the name of a field")?;
            let (name, at) = self.name()?;
            self.expect_sign(")", "`)`")?;
            return self.joined(name, Operator::Exists, at, &[]);
        }
        let (name, _) = self.name()?;
        let at = self.peek().at;
        let operator = match &self.peek().word {
            Word::Sign(word) => Operator::find(word),
            Word::Name(word) => Operator::find(word),
            _ => None,
        };
        let Some(operator) = operator else {
            return Err(self.unexpected(&format!("an operator: {}", Operator::list(Operator::ALL))));
        };
        self.next += 1;
        let operands = if operator == Operator::Exists { Vec::new() } else { self.operands(operator)? };
        self.joined(name, operator, at, &operands)
    }

    fn name(&mut self) -> Result<(Name, usize), Mistake> {
        let Token { at, word } = self.peek();
        match word {
            Word::Name(name) if !KEYWORDS.contains(&name.as_str()) => {
                let found = (Name::find(name, *at)?, *at);
                self.next += 1;
                Ok(found)
            }
            _ => Err(self.unexpected("the name of a field, `not`, `exists` or `(`")),
        }
    }

    /// The comparison as a tree: `a != b` is `exists(a) and not a == b`.
    fn joined(&mut self, name: Name, operator: Operator, at: usize, operands: &[Operand]) -> Result<Tree, Mistake> {
        if operator == Operator::Matches {
            self.regexes += 1;
            if self.regexes > REGEXES_MAX {
                return Err(Mistake::new(
                    at,
                    "another regular expression",
                    format!("at most {REGEXES_MAX} in a condition"),
                ));
            }
        }
        if operator == Operator::NotEqual {
            let exists = comparison(name.clone(), Operator::Exists, at, &[])?;
            let equals = comparison(name, operator, at, operands)?;
            let exists = self.add(exists, at)?;
            let equals = self.add(equals, at)?;
            return Ok(Tree::All(vec![exists, Tree::Not(Box::new(equals))]));
        }
        let comparison = comparison(name, operator, at, operands)?;
        self.add(comparison, at)
    }

    fn add(&mut self, comparison: Comparison, at: usize) -> Result<Tree, Mistake> {
        if self.comparisons.len() == COMPARISONS_MAX {
            let expected = format!("at most {COMPARISONS_MAX} (`!=` counts twice); `in` compares with a whole list");
            return Err(Mistake::new(at, "too many comparisons", expected));
        }
        self.comparisons.push(comparison);
        Ok(Tree::Comparison(self.comparisons.len() - 1))
    }

    fn operands(&mut self, operator: Operator) -> Result<Vec<Operand>, Mistake> {
        let at = self.peek().at;
        if !self.take_sign("[") {
            if operator.takes() == Takes::List {
                return Err(self.unexpected(&format!("a list: {} [\"…\", \"…\"]", operator.word())));
            }
            return Ok(vec![self.operand()?]);
        }
        if operator.takes() == Takes::One {
            let expected = match operator {
                Operator::Equal => "one value; `in` compares with a list",
                Operator::NotEqual => "one value; a list is written `not … in […]`",
                _ => "one value",
            };
            return Err(Mistake::new(at, "a list", expected));
        }
        let mut operands = Vec::new();
        while !self.take_sign("]") {
            if operands.len() == LIST_MAX {
                return Err(Mistake::new(self.peek().at, "a longer list", format!("at most {LIST_MAX} values")));
            }
            operands.push(self.operand()?);
            if !self.take_sign(",") {
                self.expect_sign("]", "`,` or `]`")?;
                break;
            }
        }
        if operands.is_empty() {
            return Err(Mistake::new(at, "an empty list", "at least one value"));
        }
        Ok(operands)
    }

    fn operand(&mut self) -> Result<Operand, Mistake> {
        let Token { at, word } = self.peek();
        let operand = match word {
            Word::Text(text) => Operand::text(*at, text),
            Word::Integer(number) => Operand::integer(*at, *number),
            Word::Name(name) => {
                let expected = format!("a text in quotes, \"{name}\", or a number");
                return Err(Mistake::new(*at, shown(name), expected));
            }
            _ => return Err(self.unexpected("a text in quotes or a number")),
        };
        self.next += 1;
        Ok(operand)
    }

    fn enter(&mut self, at: usize) -> Result<(), Mistake> {
        self.nesting += 1;
        if self.nesting > NESTING_MAX {
            return Err(Mistake::new(at, "deeper nesting", format!("at most {NESTING_MAX} levels of `not` and `(`")));
        }
        Ok(())
    }

    /// The token to be looked at; the last one, [`Word::End`], is never left behind.
    fn peek(&self) -> &Token {
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn take_keyword(&mut self, keyword: &str) -> bool {
        let is_it = self.peek().word.is(keyword);
        self.next += usize::from(is_it);
        is_it
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let is_it = matches!(self.peek().word, Word::Sign(found) if found == sign);
        self.next += usize::from(is_it);
        is_it
    }

    fn expect_sign(&mut self, sign: &str, expected: &str) -> Result<(), Mistake> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    fn unexpected(&self, expected: &str) -> Mistake {
        let Token { at, word } = self.peek();
        Mistake::new(*at, word.shown(), expected)
    }
}

/// The only part, or all of them joined.
fn single(mut parts: Vec<Tree>, join: fn(Vec<Tree>) -> Tree) -> Tree {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

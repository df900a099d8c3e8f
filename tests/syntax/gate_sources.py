"""One file in each language, with a scope marked «so» and the answer that a model could give."""

from typing import NamedTuple

from lsp_server.text.span import Span


class Source(NamedTuple):
    """A document, a scope in it, and a sound new text for the scope."""

    document: str
    scope: Span
    answer: str

    @property
    def present(self) -> str:
        """What the scope holds now."""
        return self.scope.text(self.document)


def marked(text: str) -> tuple[str, Span]:
    """A text without its marks « and », and the span between them."""
    start, end = text.index("«"), text.index("»") - 1
    return text.replace("«", "").replace("»", ""), Span(start, end)


_PYTHON = """\
import os
from dataclasses import dataclass

LIMIT = 10


@dataclass
class Basket:
    \"\"\"What somebody wants to buy.\"\"\"

    items: list[str]

    def add(self, item: str) -> None:
        if len(self.items) < LIMIT:
            self.items.append(item)

    «def total(self, prices: dict[str, int]) -> int:
        result = 0
        for item in self.items:
            result += prices[item]
        # All of them.
        return result»

    def clear(self) -> None:
        self.items = [
            item for item in self.items if item.startswith("!")
        ]


def main() -> None:
    basket = Basket([])
    basket.add(os.name)
"""
_PYTHON_ANSWER = """\
def total(self, prices: dict[str, int], rate: float = 0.0) -> int:
        \"\"\"The sum of the prices.

        Unknown items cost nothing.
        \"\"\"
        result = 0
        for item in self.items:
            if item not in prices:
                continue
            result += int(
                prices[item]
                * (1 + rate)
            )
        # All of them.
        return result"""

_JAVASCRIPT = """\
'use strict'

const path = require('path')

/** One. */
function one (a) {
  return a + 1
}

«function two (list) {
  const out = []
  for (let i = 0; i < list.length; i++) {
    out.push(one(list[i]))
  }
  return out
}»

/** Three. */
module.exports = {
  one,
  two: function (x) { return path.join(x) }
}
"""
_JAVASCRIPT_ANSWER = """\
async function two (list, done) {
  const out = list.map((item) => {
    return one(item)
  })
  if (done) {
    done(`${out.length} done`)
  } else {
    throw new Error('no callback')
  }
  return out
}"""

_TYPESCRIPT = """\
import { readFile } from 'node:fs/promises';

export interface Options {
  path: string;
  limit?: number;
}

export class Reader<T extends object> {
  private cache = new Map<string, T>();

  constructor(private readonly options: Options) {}

  «async read(name: string): Promise<T | undefined> {
    if (this.cache.has(name)) {
      return this.cache.get(name);
    }
    const text = await readFile(this.options.path + name, 'utf8');
    return JSON.parse(text) as T;
  }»

  clear(): void {
    this.cache.clear();
  }
}
"""
_TYPESCRIPT_ANSWER = """\
async read(name: string, fresh = false): Promise<T | undefined> {
    const known = this.cache.get(name);
    if (known !== undefined && !fresh) {
      return known;
    }
    try {
      const text = await readFile(`${this.options.path}/${name}`, 'utf8');
      const value = JSON.parse(text) as T;
      this.cache.set(name, value);
      return value;
    } catch (error) {
      return undefined;
    }
  }"""

_TSX = """\
import React from 'react';

export function List({ items }: { items: string[] }) {
  const [open, setOpen] = React.useState(false);
  return (
    <ul>
      «<li onClick={() => setOpen(!open)}>first</li>»
      {items.map((item) => <li key={item}>{item}</li>)}
    </ul>
  );
}
"""
_TSX_ANSWER = """\
<li
        className={open ? 'open' : 'shut'}
        onClick={() => {
          setOpen(!open);
        }}
      >
        first
      </li>"""

_GO = """\
package shop

import "fmt"

// Basket holds items.
type Basket struct {
	Items []string
	Limit int
}

func (b *Basket) Add(item string) error {
	if len(b.Items) >= b.Limit {
		return fmt.Errorf("full: %d", b.Limit)
	}
	b.Items = append(b.Items, item)
	return nil
}

«func (b *Basket) Total(prices map[string]int) int {
	total := 0
	for _, item := range b.Items {
		total += prices[item]
	}
	return total
}»

// Clear empties it.
func (b *Basket) Clear() {
	b.Items = nil
}
"""
_GO_ANSWER = """\
func (b *Basket) Total(prices map[string]int) (int, error) {
	total := 0
	for _, item := range b.Items {
		price, ok := prices[item]
		if !ok {
			return 0, fmt.Errorf("no price: %s", item)
		}
		total += price
	}
	return total, nil
}"""

_RUST = """\
use std::collections::HashMap;

#[derive(Debug, Clone)]
pub struct Basket {
    items: Vec<String>,
}

impl Basket {
    pub fn add(&mut self, item: &str) {
        self.items.push(item.to_string());
    }

    «pub fn total(&self, prices: &HashMap<String, u32>) -> u32 {
        let mut total = 0;
        for item in &self.items {
            total += prices[item];
        }
        total
    }»

    /// Empties it.
    pub fn clear(&mut self) {
        self.items.clear();
    }
}
"""
_RUST_ANSWER = """\
pub fn total(&self, prices: &HashMap<String, u32>) -> Option<u32> {
        let mut total = 0;
        for item in &self.items {
            match prices.get(item) {
                Some(price) => total += price,
                None => return None,
            }
        }
        Some(total)
    }"""

_JAVA = """\
package shop;

import java.util.*;

public class Basket {
  private final List<String> items = new ArrayList<>();

  public void add(String item) {
    items.add(item);
  }

  «public int total(Map<String, Integer> prices) {
    int total = 0;
    for (String item : items) {
      total += prices.get(item);
    }
    return total;
  }»

  /** Empties it. */
  @Deprecated
  public void clear() {
    items.clear();
  }
}
"""
_JAVA_ANSWER = """\
public int total(Map<String, Integer> prices) {
    /* What has no price costs nothing. */
    int total = 0;
    for (String item : items) {
      Integer price = prices.get(item);
      if (price == null) {
        continue;
      }
      total += price;
    }
    return total;
  }"""

_C = """\
#include <stdio.h>

#define MAX(a, b) ((a) > (b) ? (a) : (b))

#ifdef SHOP
struct basket {
  int count;
  const char *items[10];
};

«static int total(struct basket *b, int *prices)
{
  int i, sum = 0;
  for (i = 0; i < b->count; i++)
    sum += prices[i];
  return sum;
}»

static void clear(struct basket *b)
{
  b->count = 0;
}
#endif

int main(void) { return 0; }
"""
_C_ANSWER = """\
static long total(const struct basket *b, const int *prices)
{
  long sum = 0;
  int i;

  if (!b) {
    return -1;
  }
  /* Each of them. */
  for (i = 0; i < b->count; i++) {
#ifdef CHECKED
    if (prices[i] < 0)
      continue;
#endif
    sum += prices[i];
  }
  return sum;
}"""

_CPP = """\
#include <vector>

namespace shop {

class Basket {
 public:
  void add(int price) { prices_.push_back(price); }

  «int total() const {
    int sum = 0;
    for (auto price : prices_) sum += price;
    return sum;
  }»

  void clear() { prices_.clear(); }

 private:
  std::vector<int> prices_;
};

}  // namespace shop
"""
_CPP_ANSWER = """\
template <typename F>
  int total(F&& rate) const {
    int sum = 0;
    for (const auto& price : prices_) {
      sum += rate(price);
    }
    return sum;
  }"""

_CSHARP = """\
using System;

namespace Shop
{
    public class Basket
    {
        private readonly List<int> prices = new();

        public void Add(int price) => prices.Add(price);

        «public int Total()
        {
            var sum = 0;
            foreach (var price in prices) sum += price;
            return sum;
        }»

        public void Clear() { prices.Clear(); }
    }
}
"""
_CSHARP_ANSWER = """\
public int Total(Func<int, int> rate)
        {
            var sum = 0;
            foreach (var price in prices)
            {
                sum += rate(price);
            }
            return sum;
        }"""

_RUBY = """\
require 'set'

module Shop
  class Basket
    attr_reader :items

    def add(item)
      @items << item if @items.size < 10
    end

    «def total(prices)
      sum = 0
      @items.each do |item|
        sum += prices[item]
      end
      sum
    end»

    private

    def clear
      @items = []
    end
  end
end
"""
_RUBY_ANSWER = """\
def total(prices, rate: 1)
      return 0 if @items.empty?

      @items.sum do |item|
        if prices.key?(item)
          prices[item] * rate
        else
          warn <<~TEXT
            no price for #{item}
          TEXT
          0
        end
      end
    end"""

_PHP = """\
<?php

namespace Shop;

class Basket
{
    private array $items = [];

    public function add(string $item): void
    {
        $this->items[] = $item;
    }

    «public function total(array $prices): int
    {
        $sum = 0;
        foreach ($this->items as $item) {
            $sum += $prices[$item];
        }
        return $sum;
    }»

    public function clear(): void
    {
        $this->items = [];
    }
}
"""
_PHP_ANSWER = """\
public function total(array $prices, float $rate = 1.0): int
    {
        $sum = 0;
        foreach ($this->items as $item) {
            if (!isset($prices[$item])) {
                continue;
            }
            $sum += (int) ($prices[$item] * $rate);
        }
        return $sum;
    }"""

_LUA = """\
local M = {}

local limit = 10

function M.add(basket, item)
  if #basket < limit then
    table.insert(basket, item)
  end
end

«function M.total(basket, prices)
  local sum = 0
  for _, item in ipairs(basket) do
    sum = sum + prices[item]
  end
  return sum
end»

--- Empties it.
function M.clear(basket)
  for i = #basket, 1, -1 do basket[i] = nil end
end

return M
"""
_LUA_ANSWER = """\
function M.total(basket, prices, rate)
  local sum = 0
  rate = rate or function(x)
    return x
  end
  for _, item in ipairs(basket) do
    if prices[item] then
      sum = sum + rate(prices[item])
    end
  end
  return sum
end"""

_BASH = """\
#!/usr/bin/env bash
set -euo pipefail

limit=10

add() {
  if [[ ${#items[@]} -lt $limit ]]; then
    items+=("$1")
  fi
}

«total() {
  local sum=0
  for item in "${items[@]}"; do
    sum=$((sum + prices[$item]))
  done
  echo "$sum"
}»

clear() {
  items=()
}
"""
_BASH_ANSWER = """\
total() {
  local sum=0 item
  for item in "${items[@]}"; do
    if [[ -z "${prices[$item]:-}" ]]; then
      echo "no price: $item" >&2
      continue
    fi
    sum=$((sum + prices[$item]))
  done
  echo "$sum"
}"""

_JSON = """\
{
  "name": "basket",
  "scripts": {
    "build": "tsc"
  },
  «"files": [
    "dist"
  ]»,
  "private": true
}
"""
_JSON_ANSWER = """\
"files": [
    "dist",
    "bin"
  ],
  "engines": {
    "node": ">=20"
  }"""

_YAML = """\
name: ci
on:
  push:
    branches: [main]
jobs:
  «test:
    runs-on: linux
    steps:
      - uses: checkout
      - run: make test»
  build:
    runs-on: linux
    steps:
      - run: make
"""
_YAML_ANSWER = """\
test:
    runs-on: ${{ matrix.os }}
    strategy:
      matrix:
        os: [linux, macos]
    steps:
      - uses: checkout
      - name: Tests
        run: |
          make test
          make lint"""

_TOML = """\
[project]
name = "basket"
«dependencies = [
  "attrs",
]»
version = "1.0"

[tool.ruff]
line-length = 100
"""
_TOML_ANSWER = """\
dependencies = [
  "attrs>=25",
  "rich",
]
readme = "README.md\""""

_HTML = """\
<!DOCTYPE html>
<html>
<head>
  <style>a { color: red }</style>
</head>
<body>
  <h1>Basket</h1>
  «<ul>
    <li>one</li>
  </ul>»
  <script>
    const a = 1;
  </script>
  <p>end</p>
</body>
</html>
"""
_HTML_ANSWER = """\
<ol class="items">
    <li>one</li>
    <li>
      <img src="two.png">
      two
    </li>
  </ol>"""

_CSS = """\
:root { --gap: 4px; }

«.item {
  color: red;
}»

@media (min-width: 40em) {
  .item { padding: var(--gap); }
}
"""
_CSS_ANSWER = """\
.item {
  color: red;
  /* wide */
  margin: calc(2 * var(--gap));
}

.item:hover {
  color: blue;
}"""

_MARKDOWN = """\
# Basket

Some words.

## Use

«Call `total`.»

- one
- two

```python
total()
```

## End
"""
_MARKDOWN_ANSWER = """\
Call `total`:

```python
basket.total(prices)
```

It returns a number."""

_HCL = """\
# A house.
locals {
  rooms = ["hall", "cellar"]
}

resource "house_room" "hall" {
  name = "hall"
  size = var.size

  «window {
    width  = 2
    height = var.height * 2
    # Of glass.
    tags = {
      Name = "big-${var.name}"
    }
  }»

  depends_on = [house_door.front]
}

resource "house_room" "cellar" {
  for_each = toset(local.rooms)
  name     = each.key
}
"""
_HCL_ANSWER = """\
dynamic "window" {
    for_each = var.windows
    content {
      width  = window.value
      height = window.value > 2 ? 3 : 4
    }
  }"""

_XML = """\
<?xml version="1.0" encoding="UTF-8"?>
<!-- A house. -->
<house xmlns="urn:house">
  <name>Hall &amp; more</name>

  «<room id="1">
    <size width="2" height="3"/>
    <!-- Of glass. -->
    <window>big</window>
  </room>»

  <room id="2">
    <door open="no"/>
  </room>
</house>
"""
_XML_ANSWER = """\
<room id="1"
        kind="hall">
    <size width="2"/>
    <note><![CDATA[ a < b ]]></note>
  </room>
  <room id="3">
    <window>small</window>
  </room>"""

_SCALA = """\
package house

import house.door.{Door, Key}

/** A house. */
final case class Hall(size: Int, name: String = "hall") extends Room with Open {
  private val rooms = List(1, 2)

  «def total(prices: Map[String, Int]): Int = {
    val known = rooms.filter(_ > 1)
    // All of them.
    known match {
      case Nil => 0
      case first :: _ => prices(s"room-$first")
    }
  }»

  def open(key: Key): Unit = {
    if (key.fits) {
      go()
    } else {
      stay(name)
    }
  }
}

object Hall:
  def small: Hall =
    Hall(1)
"""
_SCALA_ANSWER = """\
def total(prices: Map[String, Int], more: Int = 0): Int = {
    val sums = for {
      room <- rooms
      if room > 1
    } yield prices(s"room-${room + more}")
    sums.sum
  }

  private def none: Option[Int] = None"""

_KOTLIN = """\
package house

import house.door.Key

/** A house. */
data class Hall(val size: Int, val name: String = "hall") : Room(), Open {
    private val rooms = listOf(1, 2)

    «fun total(prices: Map<String, Int>): Int {
        var sum = 0
        for (room in rooms) {
            sum += prices["room-$room"] ?: 0
        }
        // All of them.
        return sum
    }»

    fun open(key: Key) {
        if (key.fits) {
            go()
        } else {
            stay(name)
        }
    }
}

fun small() = Hall(1)
"""
_KOTLIN_ANSWER = """\
fun total(prices: Map<String, Int>, more: Int = 0): Int =
        rooms.sumOf { room ->
            when {
                room > 1 -> prices["room-${room + more}"] ?: 0
                else -> more
            }
        }

    private fun none(): Int? = null"""

_TEXTS = {
    "python": (_PYTHON, _PYTHON_ANSWER),
    "javascript": (_JAVASCRIPT, _JAVASCRIPT_ANSWER),
    "typescript": (_TYPESCRIPT, _TYPESCRIPT_ANSWER),
    "typescriptreact": (_TSX, _TSX_ANSWER),
    "go": (_GO, _GO_ANSWER),
    "rust": (_RUST, _RUST_ANSWER),
    "java": (_JAVA, _JAVA_ANSWER),
    "c": (_C, _C_ANSWER),
    "cpp": (_CPP, _CPP_ANSWER),
    "csharp": (_CSHARP, _CSHARP_ANSWER),
    "ruby": (_RUBY, _RUBY_ANSWER),
    "php": (_PHP, _PHP_ANSWER),
    "lua": (_LUA, _LUA_ANSWER),
    "shellscript": (_BASH, _BASH_ANSWER),
    "json": (_JSON, _JSON_ANSWER),
    "yaml": (_YAML, _YAML_ANSWER),
    "toml": (_TOML, _TOML_ANSWER),
    "html": (_HTML, _HTML_ANSWER),
    "css": (_CSS, _CSS_ANSWER),
    "markdown": (_MARKDOWN, _MARKDOWN_ANSWER),
    "hcl": (_HCL, _HCL_ANSWER),
    "xml": (_XML, _XML_ANSWER),
    "kotlin": (_KOTLIN, _KOTLIN_ANSWER),
    "scala": (_SCALA, _SCALA_ANSWER),
}

SOURCES: dict[str, Source] = {
    name: Source(*marked(text), answer) for name, (text, answer) in _TEXTS.items()
}
"""By language id."""

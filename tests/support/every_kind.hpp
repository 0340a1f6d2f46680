// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/record/schema.hpp"

namespace trellis::test {

/// A schema with a field of every kind and resolver, as type `thing`; and a bare type `other`.
core::Schema every_kind_schema();

}  // namespace trellis::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/secret/device_key.hpp"

/// Fixed devices for tests: their keys are public (fixtures/people), so never use them.
namespace trellis::test {

crypto::DeviceKey alice();  ///< founds organisations
crypto::DeviceKey bob();    ///< joins by invite
crypto::DeviceKey carol();  ///< is given rights one by one
crypto::DeviceKey dave();   ///< an outsider
crypto::SignSecret relay_key();

}  // namespace trellis::test

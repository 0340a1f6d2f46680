// SPDX-License-Identifier: Apache-2.0
import Foundation
import Security

/// The 32 bytes that encrypt a database, in the Keychain: of this device only, and there once it
/// was unlocked after a start, so that background passes can read it.
public enum DatabaseKey {
    /// The key kept under `account`; made where neither it nor a file at `path` is there.
    public static func of(path: String, account: String = "dev.trellis.database") throws -> Data {
        let item: [CFString: Any] = [
            kSecClass: kSecClassGenericPassword,
            kSecAttrService: "dev.trellis",
            kSecAttrAccount: account,
        ]
        var found: CFTypeRef?
        let looking = item.merging([kSecReturnData: true]) { $1 }
        let status = SecItemCopyMatching(looking as CFDictionary, &found)
        if status == errSecSuccess, let key = found as? Data, key.count == 32 { return key }
        guard status == errSecItemNotFound, !FileManager.default.fileExists(atPath: path) else {
            throw TrellisError(6, "the Keychain does not give the key of \(path): status \(status)")
        }
        var key = Data(count: 32)
        let made = key.withUnsafeMutableBytes {
            SecRandomCopyBytes(kSecRandomDefault, 32, $0.baseAddress!)
        }
        let kept = item.merging([
            kSecValueData: key,
            kSecAttrAccessible: kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly,
        ]) { $1 }
        guard made == errSecSuccess, SecItemAdd(kept as CFDictionary, nil) == errSecSuccess else {
            throw TrellisError(6, "the Keychain does not keep a key for \(path)")
        }
        return key
    }
}

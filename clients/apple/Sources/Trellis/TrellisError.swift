// SPDX-License-Identifier: Apache-2.0
import CTrellis
import Foundation

/// Something was refused or went wrong; nothing that was saved is lost by it.
public struct TrellisError: Error, LocalizedError, Sendable {
    /// The trellis_status of trellis.h.
    public let status: Int32
    /// Its name, such as "not_found".
    public let code: String
    /// A sentence for a person.
    public let message: String

    public var errorDescription: String? { message }

    init(_ status: Int32, _ message: String) {
        self.status = status
        code = String(cString: trellis_status_name(status))
        self.message = message.isEmpty ? code : message
    }

    static let closed = TrellisError(65, "this replica is closed")
    static func offline(_ why: String) -> TrellisError { TrellisError(9, why) }
}

/// Runs a function that takes an error last, and throws what it answers.
func run(_ body: (UnsafeMutablePointer<trellis_error>) -> trellis_status) throws {
    var error = trellis_error()
    let status = body(&error)
    guard status != 0 else { return }
    let message = withUnsafeBytes(of: &error.message) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    throw TrellisError(status, message)
}

/// The same for one whose answer is a buffer.
func take(
    _ body: (UnsafeMutablePointer<trellis_buffer>, UnsafeMutablePointer<trellis_error>)
        -> trellis_status
) throws -> Data {
    var buffer = trellis_buffer()
    defer { trellis_buffer_free(&buffer) }
    try run { body(&buffer, $0) }
    guard let data = buffer.data else { return Data() }
    return Data(bytes: data, count: buffer.size)
}

/// Lends bytes for one call.
func lend<T>(_ data: Data, _ body: (trellis_bytes) throws -> T) rethrows -> T {
    try data.withUnsafeBytes { raw in
        let bytes = raw.bindMemory(to: UInt8.self)
        return try body(trellis_bytes(data: bytes.baseAddress, size: bytes.count))
    }
}

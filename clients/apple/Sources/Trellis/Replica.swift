// SPDX-License-Identifier: Apache-2.0
import CTrellis
import Foundation

/// One record, or one row of a query: its columns by name.
public typealias Row = [String: Any]

/// A device's own copy of its organisation's records. Works offline; a write is durable when its
/// call returns. Refusals are `TrellisError`.
public actor Replica {
    private let handle: OpaquePointer
    private var isClosed = false
    private var isSuspended = false
    private var watchers: [UInt64: AsyncStream<Void>.Continuation] = [:]

    /// `path` and the 32 bytes that encrypt it (`DatabaseKey`); without a path it is in memory.
    /// `custody` tells a restored copy from the original: see trellis.h.
    public init(path: String? = nil, key: Data = Data(), custody: String? = nil) throws {
        handle = try lend(key) { key in
            try (path ?? "").withCString { path in
                try Replica.open(path, key, custody)
            }
        }
    }

    private static func open(
        _ path: UnsafePointer<CChar>, _ key: trellis_bytes, _ custody: String?
    ) throws -> OpaquePointer {
        var options = trellis_options()
        options.struct_size = MemoryLayout<trellis_options>.size
        options.path = path
        options.key = key
        var opened: OpaquePointer?
        if let custody {
            try custody.withCString { text in
                options.custody = text
                try run { trellis_open(&options, &opened, $0) }
            }
        } else {
            try run { trellis_open(&options, &opened, $0) }
        }
        return opened!
    }

    /// Any verb of docs/scripting.md that needs no server.
    public func call(_ op: String, _ arguments: [String: Any] = [:]) throws -> Row {
        try object(here { try lend(request(op, arguments)) { text in
            try take { trellis_call(handle, text, $0, $1) }
        } })
    }

    /// Rows of read-only SQL; `?` stand for the parameters.
    public func query(_ sql: String, _ parameters: [Any] = []) throws -> [Row] {
        try call("query", ["sql": sql, "params": parameters])["rows"] as? [Row] ?? []
    }

    /// Creates a record and gives its identifier.
    public func put(_ space: String, _ type: String, _ fields: Row) throws -> String {
        let reply = try call("put", ["space": space, "type": type, "fields": fields])
        return reply["rec"] as? String ?? ""
    }

    /// What `custody` will be at the next opening.
    public func keepCustody(_ custody: String) throws {
        try here { try run { error in trellis_keep_custody(handle, custody, error) } }
    }

    /// Before the system may freeze the app: seals what is not sealed and closes every file. iOS
    /// ends an app that keeps a file of a shared container locked.
    public func suspend() throws {
        isSuspended = true
        try here { try run { trellis_suspend(handle, $0) } }
    }

    public func resume() throws {
        try here { try run { trellis_resume(handle, $0) } }
        isSuspended = false
        watchers.values.forEach { $0.yield() }
    }

    /// Seals what is not sealed and closes all files. Again is fine.
    public func close() {
        guard !isClosed else { return }
        trellis_move_here(handle, nil)
        trellis_close(handle)
        isClosed = true
        watchers.values.forEach { $0.finish() }
    }

    deinit {
        guard !isClosed else { return }
        trellis_move_here(handle, nil)
        trellis_close(handle)
    }

    /// An actor promises one call at a time, but not always on the same thread.
    private func here<T>(_ body: () throws -> T) throws -> T {
        if isClosed { throw TrellisError.closed }
        try run { trellis_move_here(handle, $0) }
        defer { pull() }
        return try body()
    }

    // Watching --------------------------------------------------------------------------------

    /// The rows of a list (`type`, …) or a query (`sql`, `params`): now, and whenever they change.
    public nonisolated func rows(_ query: [String: Any]) throws -> LiveRows {
        LiveRows(replica: self, query: try JSONSerialization.data(withJSONObject: query))
    }

    func watch(_ query: Data) throws -> (UInt64, AsyncStream<Void>) {
        var number: UInt64 = 0
        try here { try lend(query) { text in
            try run { trellis_watch(handle, text, &number, $0) }
        } }
        let changes = AsyncStream<Void>(bufferingPolicy: .bufferingNewest(1)) {
            watchers[number] = $0
        }
        watchers[number]?.yield()
        return (number, changes)
    }

    /// Nil while it is suspended: `resume` tells again.
    func rows(of watch: UInt64) throws -> Data? {
        if isSuspended { return nil }
        return try here { try take { trellis_rows(handle, watch, $0, $1) } }
    }

    func unwatch(_ watch: UInt64) {
        watchers.removeValue(forKey: watch)
        try? here { try run { trellis_unwatch(handle, watch, $0) } }
    }

    /// Takes what the library has to tell; after every call.
    private func pull() {
        while !isSuspended, !isClosed {
            let event = try? take { trellis_next_event(handle, $0, $1) }
            guard let event, !event.isEmpty, let row = try? object(event) else { return }
            if let watch = row["watch"] as? UInt64 { watchers[watch]?.yield() }
        }
    }

    // Sessions, for SocketPump ------------------------------------------------------------------

    func url(_ request: Data) throws -> URL {
        let text = try here { try lend(request) { text in
            try take { trellis_session_url(handle, text, $0, $1) }
        } }
        guard let url = URL(string: String(decoding: text, as: UTF8.self)) else {
            throw TrellisError(1, "the address of the server makes no sense")
        }
        return url
    }

    func start(_ request: Data) throws -> Session {
        var session: OpaquePointer?
        try here { try lend(request) { text in
            try run { trellis_session_start(handle, text, &session, $0) }
        } }
        return Session(handle: session!)
    }

    /// One step of a session, then the frames that it leaves to send. A null step only looks.
    func step(
        _ session: Session, _ body: (OpaquePointer, UnsafeMutablePointer<trellis_error>)
            -> trellis_status
    ) throws -> Session.State {
        try here {
            try run { body(session.handle, $0) }
            var frames: [Data] = []
            while true {
                let frame = try take { trellis_session_next_frame(session.handle, $0, $1) }
                if frame.isEmpty { break }
                frames.append(frame)
            }
            var wait: Int64 = -1
            try run { trellis_session_wait_ms(session.handle, &wait, $0) }
            let isOpen = trellis_session_is_open(session.handle)
            return Session.State(frames: frames, isOpen: isOpen, waitMillis: wait)
        }
    }

    /// What the verb answers, and when to dial again (-1: not). Ends the session.
    func finish(_ session: Session) throws -> (Result<Data, Error>, Int64) {
        try here {
            defer { trellis_session_end(session.handle) }
            try run { trellis_session_hang_up(session.handle, $0) }
            var redial: Int64 = -1
            try run { trellis_session_redial_ms(session.handle, &redial, $0) }
            let reply = Result { try take { trellis_session_result(session.handle, $0, $1) } }
            return (reply, redial)
        }
    }
}

/// A session's handle: used by its replica's actor only.
struct Session: @unchecked Sendable {
    struct State: Sendable {
        let frames: [Data]
        let isOpen: Bool
        let waitMillis: Int64
    }

    let handle: OpaquePointer
}

func request(_ op: String, _ arguments: [String: Any]) throws -> Data {
    var request = arguments
    request["op"] = op
    guard JSONSerialization.isValidJSONObject(request) else {
        throw TrellisError(1, "the arguments of \(op) are no JSON")
    }
    return try JSONSerialization.data(withJSONObject: request)
}

func object(_ json: Data) throws -> Row {
    try JSONSerialization.jsonObject(with: json) as? Row ?? [:]
}

// SPDX-License-Identifier: Apache-2.0
import CTrellis
import Foundation

/// Carries sessions over URLSession's WebSockets. One request at a time for one replica.
public final class SocketPump: Sendable {
    private let replica: Replica
    private let sockets: URLSession

    public init(_ replica: Replica, sockets: URLSession = .shared) {
        self.replica = replica
        self.sockets = sockets
    }

    public func sync() async throws -> Row { try await run("sync") }

    /// Into an organisation, with an administrator's invite.
    public func join(_ invite: String, name: String) async throws -> Row {
        try await run("join", ["invite": invite, "name": name])
    }

    /// A verb that talks with the server, over as many connections as that takes.
    public func run(_ op: String, _ arguments: [String: Any] = [:]) async throws -> Row {
        let request = try Trellis.request(op, arguments)
        while true {
            let (reply, redial) = try await talk(request)
            if redial != 0 { return try object(reply.get()) }
            try Task.checkCancellation()
        }
    }

    /// Stays in sync until its task is cancelled, and dials again where a connection is lost.
    public func stay() async throws {
        let request = try Trellis.request("sync_start", [:])
        while !Task.isCancelled {
            var pause: Int64 = 5000
            do {
                let (reply, redial) = try await talk(request)
                _ = try reply.get()
                if redial < 0 { return }
                pause = redial
            } catch let why as TrellisError where
                ["offline", "timeout", "busy", "suspended"].contains(why.code) {}
            try await Task.sleep(nanoseconds: UInt64(pause) * 1_000_000)
        }
    }

    private func talk(_ request: Data) async throws -> (Result<Data, Error>, Int64) {
        let socket = sockets.webSocketTask(with: try await replica.url(request))
        socket.maximumMessageSize = 1024 * 1024
        socket.resume()
        defer { socket.cancel(with: .normalClosure, reason: nil) }
        // A pong is the first word that the connection is up.
        try await ping(socket)
        let session = try await replica.start(request)
        do {
            try await carry(session, socket)
        } catch is CancellationError {
            _ = try? await replica.finish(session)
            throw CancellationError()
        } catch {
            let (reply, redial) = try await replica.finish(session)
            // What happened to the socket says more than that it is gone.
            if redial != 0, case .failure(let why as TrellisError) = reply, why.code == "offline" {
                throw TrellisError.offline(error.localizedDescription)
            }
            return (reply, redial)
        }
        return try await replica.finish(session)
    }

    /// Until the session needs its connection no longer.
    private func carry(_ session: Session, _ socket: URLSessionWebSocketTask) async throws {
        let (inbox, told) = AsyncThrowingStream<Data?, Error>.makeStream()
        let reading = Task {
            do {
                while true {
                    if case .data(let frame) = try await socket.receive() { told.yield(frame) }
                }
            } catch { told.finish(throwing: error) }
        }
        // Own writes between two messages leave at the next beat.
        let beating = Task {
            while !Task.isCancelled {
                try await Task.sleep(nanoseconds: 250_000_000)
                told.yield(nil)
            }
        }
        defer { reading.cancel(); beating.cancel() }
        var state = try await replica.step(session, trellis_session_tick)
        try await send(state.frames, socket)
        for try await news in inbox where state.isOpen {
            if let frame = news {
                state = try await replica.step(session) { at, error in
                    lend(frame) { trellis_session_receive(at, $0, error) }
                }
            } else {
                state = try await replica.step(session, trellis_session_tick)
            }
            try await send(state.frames, socket)
            if !state.isOpen { break }
        }
        try Task.checkCancellation()
    }

    private func send(_ frames: [Data], _ socket: URLSessionWebSocketTask) async throws {
        for frame in frames { try await socket.send(.data(frame)) }
    }

    private func ping(_ socket: URLSessionWebSocketTask) async throws {
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, Error>) in
            socket.sendPing { error in
                if let error {
                    done.resume(throwing: TrellisError.offline(error.localizedDescription))
                } else {
                    done.resume()
                }
            }
        }
    }
}

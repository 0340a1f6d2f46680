// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The rows of a list or a query, now and after every change, whoever made it.
public struct LiveRows: AsyncSequence {
    public typealias Element = [Row]

    let replica: Replica
    let query: Data

    public func makeAsyncIterator() -> Iterator { Iterator(replica: replica, query: query) }

    public final class Iterator: AsyncIteratorProtocol {
        private let replica: Replica
        private let query: Data
        private var watch: UInt64?
        private var changes: AsyncStream<Void>.Iterator?

        init(replica: Replica, query: Data) {
            self.replica = replica
            self.query = query
        }

        public func next() async throws -> [Row]? {
            if changes == nil {
                let (number, stream) = try await replica.watch(query)
                watch = number
                changes = stream.makeAsyncIterator()
            }
            while await changes?.next() != nil, let watch {
                guard let rows = try await replica.rows(of: watch) else { continue }
                return try JSONSerialization.jsonObject(with: rows) as? [Row] ?? []
            }
            return nil
        }

        deinit {
            guard let watch else { return }
            Task { [replica] in await replica.unwatch(watch) }
        }
    }
}

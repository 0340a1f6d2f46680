// swift-tools-version:5.9
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// Trellis.xcframework is what xcframework.sh makes; its module is CTrellis (trellis.h).
let package = Package(
    name: "Trellis",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [.library(name: "Trellis", targets: ["Trellis"])],
    targets: [
        .binaryTarget(name: "CTrellis", path: "Trellis.xcframework"),
        .target(
            name: "Trellis",
            dependencies: ["CTrellis"],
            linkerSettings: [.linkedLibrary("c++")]
        ),
    ]
)

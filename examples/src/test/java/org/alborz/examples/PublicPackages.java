package org.alborz.examples;

import java.util.List;
import java.util.stream.Stream;

/** The packages that programs import from: all of core but those that backends and operations are written with, and what shows a training. */
final class PublicPackages {
    static final List<String> NAMES = Stream.of(
                    "autograd",
                    "checkpoint",
                    "data",
                    "distributed",
                    "explain",
                    "graph",
                    "inference",
                    "inspect",
                    "metrics",
                    "models",
                    "monitor",
                    "neighbours",
                    "nn",
                    "optim",
                    "tensor",
                    "train",
                    "tune",
                    "tune.cells",
                    "type")
            .map(name -> "org.alborz." + name)
            .toList();

    private PublicPackages() {}
}

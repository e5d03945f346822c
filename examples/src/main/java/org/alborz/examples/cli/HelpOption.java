package org.alborz.examples.cli;

import picocli.CommandLine.Option;

/** The option {@code --help}. */
final class HelpOption {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;
}

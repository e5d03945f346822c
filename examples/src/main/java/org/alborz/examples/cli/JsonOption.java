package org.alborz.examples.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option {@code --json}, for machines. */
final class JsonOption {
    @Option(names = "--json", paramLabel = "FILE", description = "Also write the result to FILE, as JSON.")
    private Path file;

    /** Refuses a file that cannot be written, before the work. */
    void check() {
        if (file != null) {
            WritablePlace.requireFile("--json", file);
        }
    }

    void write(Object result) {
        if (file != null) {
            JsonFile.write(file, result);
        }
    }
}

package org.alborz.cli;

import java.nio.file.Path;
import java.util.Collection;
import picocli.CommandLine.Option;

/** The option {@code --json}, for machines. */
final class JsonOption {
    @Option(names = "--json", paramLabel = "FILE", description = "Also write the result to FILE, as JSON.")
    private Path file;

    /** Refuses a file that cannot be written, before the work. */
    void check() {
        if (file != null) {
            WritablePlace.requireFile("--json", file);
            if (WritablePlace.real(file).toString().endsWith(".safetensors")) {
                throw CommandFailure.usage(
                        "--json expects a file for JSON, got '" + file + "', the name of a checkpoint; choose another");
            }
        }
    }

    /** Refuses a file that the command reads or writes otherwise, under whatever name. */
    void requireNone(Collection<Path> used) {
        if (file != null) {
            for (Path other : used) {
                if (WritablePlace.isSame(file, other)) {
                    throw refused(other);
                }
            }
        }
    }

    /** Refuses a file of the data that the command reads. */
    void requireNoneOf(DataSource source) {
        if (file != null) {
            Path real = WritablePlace.real(file);
            if (source.reads(real)) {
                throw refused(real);
            }
        }
    }

    private CommandFailure refused(Path other) {
        return CommandFailure.usage("--json expects a file of its own, got '" + file + "', which is " + other
                + ", a file that this command uses; choose another");
    }

    void write(Object result) {
        if (file != null) {
            JsonFile.write(file, result);
        }
    }
}

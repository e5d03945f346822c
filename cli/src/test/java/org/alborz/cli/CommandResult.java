package org.alborz.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;

/** What a command printed and returned, run inside the test. */
record CommandResult(int code, String out, String err) {
    private static final List<String> SMALL_RUN =
            List.of("train", "lenet5", "--backend", "cpu-scalar", "--limit", "16", "--batch-size", "8");

    static CommandResult of(Object... args) {
        CommandLine root = Alborz.commandLine();
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        root.setOut(new PrintWriter(out));
        root.setErr(new PrintWriter(err));
        int code = Alborz.run(root, Arrays.stream(args).map(Object::toString).toArray(String[]::new));
        return new CommandResult(code, out.toString(), err.toString());
    }

    /** Trains the smallest net on a few images. */
    static CommandResult train(Object... more) {
        return of(Stream.concat(SMALL_RUN.stream(), Arrays.stream(more)).toArray());
    }
}

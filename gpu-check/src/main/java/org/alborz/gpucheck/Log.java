package org.alborz.gpucheck;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** A file with what is too long for the table. */
final class Log implements AutoCloseable {
    private final PrintWriter out;

    private Log(PrintWriter out) {
        this.out = out;
    }

    /** Opens a new log in a file, in place of an older one. */
    static Log open(Path file) {
        try {
            return new Log(new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The log " + file + " cannot be written (" + e + "); name another by --log", e);
        }
    }

    /** Writes a line at once, so that it is there when the JVM is killed. */
    void line(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
        out.flush();
    }

    void failure(String what, Throwable failure) {
        out.println(what);
        failure.printStackTrace(out);
        out.flush();
    }

    @Override
    public void close() {
        out.close();
    }
}

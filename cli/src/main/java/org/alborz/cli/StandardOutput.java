package org.alborz.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Locale;

/** Standard output that remembers what went wrong with it, which a {@link PrintWriter} keeps to itself. */
final class StandardOutput {
    private final Remembering stream;
    private final PrintWriter writer;

    StandardOutput(OutputStream target, Charset charset) {
        stream = new Remembering(target);
        writer = new PrintWriter(new BufferedOutputStream(stream), false, charset);
    }

    /** Returns this process's. */
    static StandardOutput ofThis() {
        String charset = System.getProperty("stdout.encoding", System.getProperty("sun.stdout.encoding"));
        return new StandardOutput(
                new FileOutputStream(FileDescriptor.out),
                charset != null && Charset.isSupported(charset) ? Charset.forName(charset) : Charset.defaultCharset());
    }

    PrintWriter writer() {
        return writer;
    }

    /**
     * Writes what is left, and returns the exit code: the command's, unless that is 0 and not all of the output could be written. Says so,
     * but for a reader that has gone, as {@code head} does.
     */
    int conclude(int exitCode, PrintWriter err) {
        writer.flush();
        IOException failure = stream.failure;
        if (failure == null) {
            return exitCode;
        }
        boolean readerHasGone =
                String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).contains("pipe");
        if (!readerHasGone) {
            err.println("alborz: The standard output could not be written (" + failure.getMessage()
                    + "), so some of it is missing; check what it is redirected to, and the free space there");
            err.flush();
        }
        if (exitCode != ExitCodes.OK) {
            return exitCode;
        }
        return readerHasGone ? ExitCodes.BROKEN_PIPE : ExitCodes.OUTPUT;
    }

    /** After the first error nothing more is written: what follows a gap is of no use. */
    private static final class Remembering extends OutputStream {
        private final OutputStream target;
        private volatile IOException failure;

        private Remembering(OutputStream target) {
            this.target = target;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (failure != null) {
                throw failure;
            }
            try {
                target.write(bytes, offset, length);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }
}

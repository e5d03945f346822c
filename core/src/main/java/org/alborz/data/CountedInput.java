package org.alborz.data;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Tells a progress how many bytes of a stream were read. */
final class CountedInput extends FilterInputStream {
    private final LoggedProgress progress;
    private long done;

    CountedInput(InputStream in, LoggedProgress progress) {
        super(in);
        this.progress = progress;
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        count(value < 0 ? 0 : 1);
        return value;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        int read = super.read(bytes, from, length);
        count(Math.max(0, read));
        return read;
    }

    private void count(int read) {
        done += read;
        progress.at(done);
    }
}

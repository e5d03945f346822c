package org.alborz.checkpoint;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Where a checkpoint's bytes go; tests put a failing disk in its place. */
interface CheckpointOutput extends Closeable {
    /** Writes all remaining bytes at a position of the file. */
    void write(ByteBuffer bytes, long position) throws IOException;

    /** Waits until what was written will outlast a power cut. */
    void force() throws IOException;

    /** Opens an output on a new file. */
    interface Opener {
        CheckpointOutput open(Path file) throws IOException;
    }

    static CheckpointOutput create(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        UnfinishedFiles.claim(channel);
        return new CheckpointOutput() {
            @Override
            public void write(ByteBuffer bytes, long position) throws IOException {
                long at = position;
                while (bytes.hasRemaining()) {
                    at += channel.write(bytes, at);
                }
            }

            @Override
            public void force() throws IOException {
                channel.force(true);
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }
}

package org.alborz.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.checkpoint.SafetensorsHeader.Placed;
import org.alborz.text.Given;
import org.alborz.text.Quoted;

/**
 * Reads a safetensors file one tensor at a time.
 *
 * <p>The format (huggingface.co/docs/safetensors): the header's length as 8 little-endian bytes, a JSON header, and the
 * data. Everything the header says is checked when the file is opened; the data is read into memory the caller
 * supplies. Only {@link #readAll} compares it with the digest that files written by Alborz have.
 */
public final class SafetensorsFile implements AutoCloseable {
    static final String REMEDY =
            "The file may be damaged or of another format; use an earlier checkpoint, or save it again.";

    private static final int CHUNK_BYTES = 1 << 18;

    private final Path path;
    private final FileChannel channel;
    private final SafetensorsHeader header;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    private SafetensorsFile(Path path, FileChannel channel, SafetensorsHeader header) {
        this.path = path;
        this.channel = channel;
        this.header = header;
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws CheckpointException when it is missing, or anything in it is not as the format has it
     */
    public static SafetensorsFile open(Path path) {
        Given.value(path, "A safetensors file", "a path");
        FileChannel channel = null;
        try {
            requireRegular(path);
            channel = FileChannel.open(path, StandardOpenOption.READ);
            SafetensorsFile file = new SafetensorsFile(path, channel, readHeader(path, channel));
            channel = null;
            return file;
        } catch (NoSuchFileException e) {
            throw new CheckpointException("There is no checkpoint " + path.toAbsolutePath() + "; check the path", e);
        } catch (IOException e) {
            throw unreadable(path, e);
        } finally {
            closeQuietly(channel);
        }
    }

    /** Refuses what would block or never end, such as a pipe or a device. */
    private static void requireRegular(Path path) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new CheckpointException("The checkpoint " + path + " is "
                    + (attributes.isDirectory() ? "a directory; name a file in it" : "no regular file; name one"));
        }
    }

    private static SafetensorsHeader readHeader(Path path, FileChannel channel) throws IOException {
        long size = channel.size();
        int prefix = SafetensorsHeader.LENGTH_BYTES;
        if (size < prefix) {
            throw new CheckpointException(
                    path + " is not a usable safetensors file: it should begin with 8 bytes of header length,"
                            + " and holds " + size + " bytes. " + REMEDY);
        }
        ByteBuffer start = ByteBuffer.allocate(prefix).order(ByteOrder.LITTLE_ENDIAN);
        readFully(path, channel, start, 0);
        long length = start.getLong(0);
        if (length < 2 || length > SafetensorsHeader.MAX_BYTES || length > size - prefix) {
            throw new CheckpointException(
                    path + " is not a usable safetensors file: its first 8 bytes give a header of "
                            + Long.toUnsignedString(length) + " bytes; expected 2 to "
                            + Math.min(SafetensorsHeader.MAX_BYTES, size - prefix)
                            + ", as the file has " + size + ". " + REMEDY);
        }
        readFully(path, channel, start.clear().limit(1), prefix);
        if (start.get(0) != '{') {
            throw new CheckpointException(
                    path + " is not a usable safetensors file: its header should begin with '{', got byte "
                            + (start.get(0) & 0xFF) + ". " + REMEDY);
        }
        InputStream json = new ChannelSlice(channel, prefix, prefix + length);
        return SafetensorsHeaderParser.parse(path.toString(), json, size, prefix + length);
    }

    public Path path() {
        return path;
    }

    /** Returns the file's own words about itself but for the digest; empty where it has none. */
    public Map<String, String> metadata() {
        Map<String, String> others = new LinkedHashMap<>(header.metadata());
        others.remove(ContentDigest.KEY);
        return others;
    }

    /** Tells whether the metadata have a digest, which {@link #readAll} compares with the content. */
    public boolean hasDigest() {
        return header.metadata().containsKey(ContentDigest.KEY);
    }

    /** Returns the size of all tensors. */
    long dataBytes() {
        return header.dataBytes();
    }

    /** Returns the tensors in the order of the file. */
    public Collection<SafetensorsEntry> entries() {
        return header.entries();
    }

    /** Tells whether the file has a tensor of that name. */
    public boolean contains(String name) {
        return header.tensors().containsKey(name);
    }

    /**
     * Returns what the file says about a tensor.
     *
     * @throws CheckpointException when there is none of that name
     */
    public SafetensorsEntry entry(String name) {
        return placed(name).entry();
    }

    /** Takes a tensor's bytes, little-endian, a part of whole elements at a time. */
    public interface Sink {
        void take(ByteBuffer part);
    }

    /**
     * Reads the tensors that sinks are given for, in the order of the file. Where the file has a digest, all of it is read and compared.
     *
     * @param sinks by the name of their tensor
     * @throws CheckpointException when the content is not what the digest was made of; the sinks have taken all of it then
     */
    public void readAll(Map<String, Sink> sinks) {
        sinks.keySet().forEach(this::placed);
        Map<String, byte[]> contents = new HashMap<>();
        MessageDigest sha = ContentDigest.sha256();
        for (Placed placed : header.tensors().values()) {
            String name = placed.entry().name();
            Sink sink = sinks.get(name);
            if (sink == null && !hasDigest()) {
                continue;
            }
            transfer(placed, (at, count) -> {
                sha.update(chunk.duplicate());
                if (sink != null) {
                    sink.take(chunk.duplicate().order(ByteOrder.LITTLE_ENDIAN));
                }
            });
            contents.put(name, sha.digest());
        }
        if (hasDigest()
                && !header.withDigest(contents)
                        .metadata()
                        .get(ContentDigest.KEY)
                        .equals(header.metadata().get(ContentDigest.KEY))) {
            throw new CheckpointException(path + " is damaged: its content is not what the digest in its metadata was"
                    + " made of. Use an earlier checkpoint; or if a program changed it on purpose, remove "
                    + ContentDigest.KEY + " from its metadata.");
        }
    }

    /** Reads a tensor of type F32, whose elements must be as many as the array has. */
    public void read(String name, float[] into) {
        Placed placed = require(name, SafetensorsType.F32, into.length);
        transfer(placed, (at, count) -> chunk.asFloatBuffer().get(into, at, count));
    }

    /** Reads a tensor of type F64, whose elements must be as many as the array has. */
    public void read(String name, double[] into) {
        Placed placed = require(name, SafetensorsType.F64, into.length);
        transfer(placed, (at, count) -> chunk.asDoubleBuffer().get(into, at, count));
    }

    /** Reads a tensor of type I32, whose elements must be as many as the array has. */
    public void read(String name, int[] into) {
        Placed placed = require(name, SafetensorsType.I32, into.length);
        transfer(placed, (at, count) -> chunk.asIntBuffer().get(into, at, count));
    }

    /** Reads a tensor of type I64, whose elements must be as many as the array has. */
    public void read(String name, long[] into) {
        Placed placed = require(name, SafetensorsType.I64, into.length);
        transfer(placed, (at, count) -> chunk.asLongBuffer().get(into, at, count));
    }

    /** Reads the bytes of a tensor of any type, little-endian, into a buffer that has exactly as many remaining. */
    public void read(String name, ByteBuffer into) {
        Placed placed = placed(name);
        if (into.remaining() != placed.entry().bytes()) {
            throw new CheckpointException(path + ": tensor " + placed.entry() + " takes "
                    + placed.entry().bytes() + " bytes, and the buffer has " + into.remaining()
                    + "; allocate it from entry(name).bytes()");
        }
        readOrFail(into, header.dataStart() + placed.offset());
    }

    /** Copies elements out of the chunk; {@code at} counts those before. */
    private interface Copy {
        void copy(int at, int count);
    }

    private void transfer(Placed placed, Copy copy) {
        int width = placed.entry().type().bytes();
        long position = header.dataStart() + placed.offset();
        long elements = placed.entry().elements();
        for (long at = 0; at < elements; ) {
            int count = (int) Math.min(elements - at, CHUNK_BYTES / width);
            chunk.clear().limit(count * width);
            readOrFail(chunk, position + at * width);
            chunk.flip();
            copy.copy((int) at, count);
            at += count;
        }
    }

    private Placed placed(String name) {
        Placed placed = header.tensors().get(name);
        if (placed == null) {
            throw new CheckpointException(path + " has no tensor " + Quoted.text(name) + "; it has "
                    + header.tensors().size() + ": "
                    + Quoted.list(header.tensors().keySet())
                    + ". Was it saved from another model?");
        }
        return placed;
    }

    private Placed require(String name, SafetensorsType type, int elements) {
        Placed placed = placed(name);
        SafetensorsEntry entry = placed.entry();
        if (entry.type() != type || entry.elements() != elements) {
            throw new CheckpointException(
                    path + ": expected tensor " + Quoted.text(name) + " to hold " + elements + " elements of " + type
                            + ", got " + entry.type() + " " + entry.shape() + " with " + entry.elements()
                            + ". Was it saved from another model?");
        }
        return placed;
    }

    private void readOrFail(ByteBuffer into, long position) {
        try {
            readFully(path, channel, into, position);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private static void readFully(Path path, FileChannel channel, ByteBuffer into, long position) throws IOException {
        long at = position;
        while (into.hasRemaining()) {
            int read = channel.read(into, at);
            if (read < 0) {
                throw new CheckpointException(path + " became shorter while it was read: it ends at byte " + at
                        + " and " + into.remaining() + " more were expected. Is something else writing to it?");
            }
            at += read;
        }
    }

    private static CheckpointException unreadable(Path path, IOException e) {
        IoCause cause = IoCause.of(e);
        return new CheckpointException(
                cause == IoCause.INTERRUPTED
                        ? path + " was not read to its end, since the thread was interrupted."
                        : path + " could not be read: " + e + ". " + cause.remedy(),
                e);
    }

    private static void closeQuietly(FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException ignored) {
                // The exception under way says more.
            }
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }
}

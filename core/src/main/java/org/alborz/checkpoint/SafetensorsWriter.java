package org.alborz.checkpoint;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.alborz.checkpoint.SafetensorsHeader.Placed;
import org.alborz.text.Quoted;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a safetensors file, which appears whole or not at all: the bytes go to a temporary file beside the target,
 * which takes the target's place at {@link #commit}.
 *
 * <pre>{@code
 * try (SafetensorsWriter writer = SafetensorsWriter.create(path, metadata, entries)) {
 *     for (…) { writer.write(name, values); }
 *     writer.commit();
 * }
 * }</pre>
 *
 * <p>Whatever goes wrong before {@code commit} returns leaves an earlier file of that name as it was. A process killed
 * in the middle leaves the temporary file, named as the target with a random part and {@code .tmp}, which {@link
 * UnfinishedFiles#remove} removes.
 */
public final class SafetensorsWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SafetensorsWriter.class);
    private static final int CHUNK_BYTES = 1 << 18;

    private final Path target;
    private final Path temporary;
    private final SafetensorsHeader header;
    private final CheckpointOutput output;
    private final Set<String> missing;
    private final Map<String, byte[]> contents = new HashMap<>();
    private final MessageDigest sha = ContentDigest.sha256();
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private boolean open = true;

    private SafetensorsWriter(Path target, Path temporary, SafetensorsHeader header, CheckpointOutput output) {
        this.target = target;
        this.temporary = temporary;
        this.header = header;
        this.output = output;
        this.missing = new HashSet<>(header.tensors().keySet());
    }

    /**
     * Begins a file of the given tensors, which may then be written in any order. A digest of all of it joins the metadata under
     * {@code alborz.digest}.
     *
     * @param target the file to make or replace; its directory must exist
     * @throws IllegalArgumentException when two tensors have one name, or the format cannot express a name, shape or
     *     metadata
     * @throws CheckpointException when the file cannot be made
     */
    public static SafetensorsWriter create(
            Path target, Map<String, String> metadata, Collection<SafetensorsEntry> entries) {
        return create(target, metadata, entries, CheckpointOutput::create);
    }

    static SafetensorsWriter create(
            Path target,
            Map<String, String> metadata,
            Collection<SafetensorsEntry> entries,
            CheckpointOutput.Opener opener) {
        if (metadata.containsKey(ContentDigest.KEY)) {
            throw new IllegalArgumentException(
                    "Metadata cannot have the key " + ContentDigest.KEY + ", which the writer adds itself");
        }
        Map<String, String> complete = new LinkedHashMap<>(metadata);
        complete.put(ContentDigest.KEY, ContentDigest.PLACEHOLDER);
        SafetensorsHeader header = SafetensorsHeader.lay(complete, entries);
        checkReadable(header, header.encode());
        Path absolute = target.toAbsolutePath();
        if (absolute.getParent() == null || !Files.isDirectory(absolute.getParent())) {
            throw new CheckpointException("The checkpoint " + absolute + " cannot be saved: there is no directory "
                    + absolute.getParent() + "; create it first");
        }
        if (Files.isDirectory(absolute)) {
            throw new CheckpointException(
                    "The checkpoint " + absolute + " cannot be saved: it is a directory; name a file in it");
        }
        Path temporary = UnfinishedFiles.of(absolute);
        try {
            return new SafetensorsWriter(absolute, temporary, header, opener.open(temporary));
        } catch (IOException e) {
            throw failure(absolute, header, e);
        }
    }

    /** Makes sure that what is written can be read again: the reader has limits that the format does not have. */
    private static void checkReadable(SafetensorsHeader header, ByteBuffer start) {
        int prefix = SafetensorsHeader.LENGTH_BYTES;
        ByteArrayInputStream json = new ByteArrayInputStream(start.array(), prefix, start.limit() - prefix);
        try {
            SafetensorsHeaderParser.parse(
                    "The result", json, header.dataStart() + header.dataBytes(), header.dataStart());
        } catch (CheckpointException | IOException e) {
            throw new IllegalArgumentException("These tensors and metadata cannot be saved: " + e.getMessage(), e);
        }
    }

    /** Writes a tensor of type F32. */
    public void write(String name, float[] values) {
        transfer(
                begin(name, SafetensorsType.F32, values.length),
                (at, count) -> chunk.asFloatBuffer().put(values, at, count));
    }

    /** Writes a tensor of type F64. */
    public void write(String name, double[] values) {
        transfer(
                begin(name, SafetensorsType.F64, values.length),
                (at, count) -> chunk.asDoubleBuffer().put(values, at, count));
    }

    /** Writes a tensor of type I32. */
    public void write(String name, int[] values) {
        transfer(
                begin(name, SafetensorsType.I32, values.length),
                (at, count) -> chunk.asIntBuffer().put(values, at, count));
    }

    /** Writes a tensor of type I64. */
    public void write(String name, long[] values) {
        transfer(
                begin(name, SafetensorsType.I64, values.length),
                (at, count) -> chunk.asLongBuffer().put(values, at, count));
    }

    /** Writes a tensor of any type from its bytes, little-endian, which must be as many as remain in the buffer. */
    public void write(String name, ByteBuffer bytes) {
        Placed placed = declared(name);
        if (bytes.remaining() != placed.entry().bytes()) {
            throw new IllegalArgumentException("Tensor " + placed.entry() + " takes "
                    + placed.entry().bytes() + " bytes, got " + bytes.remaining());
        }
        sha.update(bytes.duplicate());
        put(bytes, header.dataStart() + placed.offset());
        done(name);
    }

    private void done(String name) {
        contents.put(name, sha.digest());
        missing.remove(name);
    }

    /** Copies elements into the chunk; {@code at} counts those before. */
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
            copy.copy((int) at, count);
            sha.update(chunk.duplicate());
            put(chunk, position + at * width);
            at += count;
        }
        done(placed.entry().name());
    }

    private Placed begin(String name, SafetensorsType type, int elements) {
        Placed placed = declared(name);
        SafetensorsEntry entry = placed.entry();
        if (entry.type() != type || entry.elements() != elements) {
            throw new IllegalArgumentException("Tensor " + entry + " expects " + entry.elements() + " elements of "
                    + entry.type() + ", got " + elements + " of " + type);
        }
        return placed;
    }

    private Placed declared(String name) {
        requireOpen();
        Placed placed = header.tensors().get(name);
        if (placed == null || !missing.contains(name)) {
            throw new IllegalArgumentException("Tensor " + Quoted.text(name) + " was "
                    + (placed == null ? "not declared when " + target + " was begun" : "already written to " + target));
        }
        return placed;
    }

    private void put(ByteBuffer bytes, long position) {
        try {
            output.write(bytes, position);
        } catch (IOException e) {
            close();
            throw failure(target, header, e);
        }
    }

    /**
     * Makes the file appear under its name.
     *
     * @throws IllegalStateException when a declared tensor was not written
     * @throws CheckpointException when it cannot be completed; the earlier file is then untouched
     */
    public void commit() {
        requireOpen();
        if (!missing.isEmpty()) {
            throw new IllegalStateException(missing.size() + " of "
                    + header.tensors().size() + " tensors were not written to " + target + ", such as "
                    + Quoted.text(missing.iterator().next()) + "; write every declared tensor before commit");
        }
        put(header.withDigest(contents).encode(), 0);
        try {
            output.force();
            output.close();
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            open = false;
        } catch (IOException e) {
            close();
            throw failure(target, header, e);
        }
        forceDirectory(target.getParent());
    }

    /** Makes the new name itself outlast a power cut, where the system can. */
    private static void forceDirectory(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            LOG.debug(
                    "The directory {} cannot be synchronised ({}); after a power cut the file may still have its"
                            + " earlier content.",
                    directory,
                    e.toString());
        }
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException(
                    "The checkpoint " + target + " was already committed, closed or failed; begin a new one");
        }
    }

    private static CheckpointException failure(Path target, SafetensorsHeader header, IOException e) {
        long needed = header.dataStart() + header.dataBytes();
        IoCause cause = IoCause.of(e);
        if (cause == IoCause.INTERRUPTED) {
            return new CheckpointException(
                    "The checkpoint " + target
                            + " was not saved, since its thread was interrupted while it was written."
                            + " An earlier checkpoint of that name is untouched.",
                    e);
        }
        String free;
        String remedy = cause.remedy();
        try {
            long usable = Files.getFileStore(target.getParent()).getUsableSpace();
            free = String.format(Locale.ROOT, "%,d", usable);
            if (usable < needed) {
                remedy = IoCause.FULL.remedy();
            }
        } catch (IOException unknown) {
            free = "an unknown number of";
        }
        return new CheckpointException(
                String.format(
                        Locale.ROOT,
                        "The checkpoint %s could not be saved: %s. It needs %,d bytes, and %s bytes are free there"
                                + " now. %s An earlier checkpoint of that name is untouched.",
                        target,
                        e,
                        needed,
                        free,
                        remedy),
                e);
    }

    /** Gives the file up where it was not committed, and removes what was written of it. */
    @Override
    public void close() {
        if (!open) {
            return;
        }
        open = false;
        try {
            output.close();
        } catch (IOException e) {
            LOG.debug("Closing {} failed ({})", temporary, e.toString());
        }
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            LOG.warn(
                    "The unfinished checkpoint {} could not be removed ({}); delete it by hand.",
                    temporary,
                    e.toString());
        }
    }
}

package org.alborz.data;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.alborz.text.Quoted;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches published files whose content is known, over HTTP. A file gets its name when it is complete and its SHA-256 is
 * correct. Until then it is a file ending in {@code .part}, under a lock; a call that finds one requests the rest only (a range request).
 */
final class Download {
    /** How often an interrupted transfer is continued in one call, as long as each connection transfers something. */
    private static final int MOST_CONTINUED = 20;

    private static final int CONNECT_MILLIS = 20_000;

    /** How long a server may send nothing. */
    private static final int SILENCE_MILLIS = 60_000;

    private static final int PART = 1 << 16;
    private static final Logger LOG = LoggerFactory.getLogger(Download.class);

    private final Remote remote;
    private final FileChannel file;
    private final List<String> failures = new ArrayList<>();

    private Download(Remote remote, FileChannel file) {
        this.remote = remote;
        this.file = file;
    }

    /**
     * A file that is published at one or several places, which are tried in turn.
     *
     * @param name the name it is stored under
     * @param sha256 in 64 hexadecimal digits
     */
    record Remote(String name, long bytes, String sha256, List<URI> sources) {
        Remote(String name, long bytes, String sha256) {
            this(name, bytes, sha256, List.of());
        }

        /** Returns this file, published under its name in each of some folders. */
        Remote from(List<URI> folders) {
            return new Remote(
                    name,
                    bytes,
                    sha256,
                    folders.stream().map(folder -> folder.resolve(name)).toList());
        }
    }

    /**
     * A packed folder.
     *
     * @param folder that it unpacks to
     * @param members the files in it that are needed
     */
    record Archive(Remote file, String folder, List<String> members) {
        /** Fetches and unpacks the archive, unless the directory has the members. */
        Path download(Path directory) {
            Path inner = directory.resolve(folder);
            boolean there = members.stream().allMatch(name -> Files.isRegularFile(inner.resolve(name)))
                    || members.stream().allMatch(name -> Files.isRegularFile(directory.resolve(name)));
            if (!there) {
                Path archive = Download.file(file, directory);
                TarFile.unpack(archive, folder, members, directory);
                try {
                    Files.delete(archive);
                } catch (IOException e) {
                    LOG.warn("{} was unpacked and could not be deleted: {}", FileInput.name(archive), e.toString());
                }
            }
            return directory;
        }
    }

    /**
     * Fetches a file, unless the directory has it.
     *
     * @return where it is
     * @throws DataException when none of the sources gives it, or the directory cannot be written to
     */
    static Path file(Remote remote, Path directory) {
        Path target = directory.resolve(remote.name());
        Path part = directory.resolve(remote.name() + ".part");
        try {
            Files.createDirectories(directory);
            if (Files.exists(target)) {
                requireContent(remote, target);
                return target;
            }
            try (FileChannel channel = FileChannel.open(
                            part, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                    FileLock lock = lock(channel)) {
                if (lock == null) {
                    throw new DataException(FileInput.name(part) + " is being written by another download; wait for it,"
                            + " or use another directory");
                }
                new Download(remote, channel).fetch(directory);
                Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
            }
            return target;
        } catch (ClosedByInterruptException e) {
            throw new DataException("The download of " + remote.name() + " was interrupted; the next continues it", e);
        } catch (IOException e) {
            throw new DataException(
                    remote.name() + " could not be stored in " + FileInput.name(directory) + ": "
                            + Quoted.escape(e.toString(), 300) + ". Check the permissions and the disk.",
                    e);
        }
    }

    private static FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // another thread of this program
        }
    }

    private static void requireContent(Remote remote, Path target) throws IOException {
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.READ)) {
            String found = sha256(channel);
            if (!found.equals(remote.sha256())) {
                throw new DataException(FileInput.name(target) + " should have the SHA-256 " + remote.sha256()
                        + " of the published file, and has " + found + "; delete it and download again");
            }
        }
    }

    private void fetch(Path directory) throws IOException {
        for (URI source : remote.sources()) {
            boolean hasBegunAgain = false;
            for (int i = 0; i < MOST_CONTINUED; i++) {
                long before = file.size();
                try {
                    if (before != remote.bytes()) {
                        LOG.info(
                                "Downloading {} ({} bytes, from {} on) from {}",
                                remote.name(),
                                remote.bytes(),
                                before,
                                source);
                        receive(source, before <= remote.bytes() ? before : 0);
                    }
                    String found = sha256(file);
                    if (found.equals(remote.sha256())) {
                        file.force(true);
                        return;
                    }
                    file.truncate(0);
                    if (before > 0 && !hasBegunAgain) {
                        hasBegunAgain = true; // what was there before may be damaged
                        continue;
                    }
                    failures.add(source + ": what came has the SHA-256 " + found + ", and not " + remote.sha256());
                    break;
                } catch (Refused e) {
                    failures.add(source + ": " + e.getMessage());
                    break;
                } catch (ClosedByInterruptException e) {
                    throw e;
                } catch (IOException e) {
                    if (file.size() <= before) {
                        failures.add(source + ": " + Quoted.escape(e.toString(), 200));
                        break;
                    }
                }
            }
        }
        throw new DataException(String.format(
                Locale.ROOT,
                "%s could not be downloaded (%s). Check the network and its proxy (-Dhttps.proxyHost), or get the file"
                        + " on another machine and copy it to %s; %,d of its %,d bytes have come, and the next download"
                        + " continues there.",
                remote.name(),
                String.join("; ", failures),
                FileInput.name(directory.toAbsolutePath()),
                file.size(),
                remote.bytes()));
    }

    /** A server's answer that more requests do not change. */
    private static final class Refused extends IOException {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }

    /** Asks for the bytes from a place on, and writes what comes. */
    private void receive(URI source, long from) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) source.toURL().openConnection();
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(SILENCE_MILLIS);
        connection.setRequestProperty("Accept-Encoding", "identity");
        if (from > 0) {
            connection.setRequestProperty("Range", "bytes=" + from + "-");
        }
        try {
            int status = connection.getResponseCode();
            if (status == HttpURLConnection.HTTP_PARTIAL && begins(connection, from)) {
                write(connection, from);
            } else if (status == HttpURLConnection.HTTP_OK) {
                write(connection, 0);
            } else if (from > 0) {
                receive(source, 0); // the server has no such range
            } else {
                throw new Refused("the server answered with status " + status);
            }
        } finally {
            connection.disconnect();
        }
    }

    private static boolean begins(HttpURLConnection connection, long from) {
        String range = connection.getHeaderField("Content-Range");
        return range != null && range.startsWith("bytes " + from + "-");
    }

    private void write(HttpURLConnection connection, long from) throws IOException {
        file.truncate(from);
        file.position(from);
        byte[] part = new byte[PART];
        long at = from;
        LoggedProgress progress = LoggedProgress.ofBytes(LOG, remote.name(), from, remote.bytes());
        try (InputStream in = connection.getInputStream()) {
            for (int read = in.read(part); read >= 0; read = in.read(part)) {
                at += read;
                if (at > remote.bytes()) {
                    file.truncate(0);
                    throw new Refused("more came than the " + remote.bytes() + " bytes of the published file");
                }
                ByteBuffer bytes = ByteBuffer.wrap(part, 0, read);
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
                progress.at(at);
            }
        }
        if (at < remote.bytes()) {
            throw new IOException("the connection ended after " + at + " of " + remote.bytes() + " bytes");
        }
    }

    private static String sha256(FileChannel channel) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
        ByteBuffer part = ByteBuffer.allocate(PART);
        channel.position(0);
        while (channel.read(part.clear()) >= 0) {
            digest.update(part.flip());
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}

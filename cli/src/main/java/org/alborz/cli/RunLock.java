package org.alborz.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a run folder to one process. The system gives the lock back however the process ends; the file stays, with the last holder in it.
 */
final class RunLock implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RunLock.class);
    private static final int MOST_BYTES = 512;

    /** By so much the system's start of a process and the time in a lock may be off. */
    private static final Duration CLOCKS_DIFFER = Duration.ofSeconds(30);

    private static final String HOLDER = "process ";
    private static final Pattern OURS = Pattern.compile(HOLDER + "\\d+( .*)?");
    private static final Pattern HOLDER_PROCESS = Pattern.compile(HOLDER + "(\\d+) on (.*) since (\\S+)");

    private final FileChannel channel;

    private RunLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Takes the lock, or names the process that holds it. */
    static RunLock take(RunFolder folder) {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    folder.lock(),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS);
            if (!isFree(channel)) {
                throw CommandFailure.usage(folder.path() + " is in use by " + holder(channel)
                        + "; wait for that run to end, or choose another --out");
            }
            if (!isOurs(content(channel))) {
                throw CommandFailure.usage(
                        folder.lock() + " is not the lock of a run; remove it, or choose another --out");
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(thisProcess().getBytes(StandardCharsets.UTF_8)), 0);
            RunLock lock = new RunLock(channel);
            channel = null;
            return lock;
        } catch (IOException e) {
            throw CommandFailure.unwritable(folder.lock(), e);
        } finally {
            close(channel);
        }
    }

    /** Refuses a folder in which another process is at work, without making a file. */
    static void requireFree(RunFolder folder) {
        if (Files.isRegularFile(folder.lock(), LinkOption.NOFOLLOW_LINKS) && Files.isWritable(folder.lock())) {
            take(folder).close();
        }
    }

    /** Tells whether the process that took the lock last is another one and still runs, by its number; takes no lock. */
    static boolean isHeldElsewhere(RunFolder folder) {
        try (FileChannel channel =
                FileChannel.open(folder.lock(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            Matcher holder = HOLDER_PROCESS.matcher(content(channel));
            if (!holder.lookingAt() || !holder.group(2).equals(host())) {
                return false;
            }
            long pid = Long.parseLong(holder.group(1));
            Instant since = Instant.parse(holder.group(3));
            return pid != ProcessHandle.current().pid()
                    && ProcessHandle.of(pid)
                            .filter(ProcessHandle::isAlive)
                            .filter(process -> isOlder(process, since))
                            .isPresent();
        } catch (IOException | NumberFormatException | DateTimeParseException e) {
            log.debug("{} could not be read", folder.lock(), e);
            return false;
        }
    }

    /** Tells whether a process was there when the lock was taken; a later one has the number of one that has ended. */
    private static boolean isOlder(ProcessHandle process, Instant since) {
        return process.info()
                .startInstant()
                .map(start -> start.isBefore(since.plus(CLOCKS_DIFFER)))
                .orElse(true);
    }

    private static boolean isFree(FileChannel channel) {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (IOException e) {
            log.warn(
                    "The file system does not lock files ({}): nothing keeps a second run out of this folder.",
                    e.toString());
            return true;
        }
    }

    /** Tells whether a text is what a run keeps in its lock, as far as a kill or power cut has left it. */
    private static boolean isOurs(String text) {
        return HOLDER.startsWith(text) || OURS.matcher(text).matches();
    }

    /** Returns what a lock's file holds; more than fits is cut. */
    private static String content(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(MOST_BYTES);
        channel.read(bytes, 0);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8)
                .replace("\0", "")
                .strip();
    }

    private static String holder(FileChannel channel) throws IOException {
        String text = content(channel);
        return text.isEmpty() ? "another process" : text;
    }

    private static String thisProcess() {
        return HOLDER + ProcessHandle.current().pid() + " on " + host() + " since "
                + Instant.now().truncatedTo(ChronoUnit.SECONDS) + "\n";
    }

    /** Returns the host's name without asking the network for it. */
    private static String host() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) { // not Linux
            String name = System.getenv().getOrDefault("HOSTNAME", System.getenv("COMPUTERNAME"));
            return name == null ? "this host" : name;
        }
    }

    private static void close(FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            log.debug("The lock could not be closed", e);
        }
    }

    @Override
    public void close() {
        close(channel);
    }
}

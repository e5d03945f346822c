package org.alborz.cuda.nccl;

import java.util.List;
import org.alborz.cuda.driver.Event;
import org.alborz.cuda.driver.Stream;
import org.alborz.cuda.driver.WorkKind;
import org.alborz.distributed.Reduction;
import org.alborz.type.DType;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.nccl;
import org.bytedeco.cuda.nccl.ncclComm;
import org.bytedeco.cuda.nccl.ncclConfig_t;
import org.bytedeco.cuda.nccl.ncclUniqueId;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One rank's part of an NCCL communicator, which exchanges numbers on a stream beside the backend's. It does not block: a call may return while NCCL still
 * works on it ({@link #isInProgress}), and no other may follow before that has ended. {@link #abort} and {@link #failure} may be called by another thread.
 *
 * <p>NCCL ends a communicator when all CUDA graphs are destroyed that hold its exchanges, and waits for that; so they are closed before {@link #close}.
 *
 * <p>NCCL 2.14 or newer, which brought communicators that do not block.
 */
public final class Communicator {
    private static final Logger log = LoggerFactory.getLogger(Communicator.class);

    /** How long {@link #close} waits for an abort. */
    private static final long ABORT_MILLIS = 10_000;

    private static final int UNDEFINED = Integer.MIN_VALUE;
    private static final int MAGIC = 0xcafebeef;

    private final Stream stream;
    private final SideStream side;
    private final CUstream_st nativeStream;
    private final Address address = new Address();
    private final ncclComm handle = new ncclComm();

    /** Whether the handle is of no use any more. */
    private boolean ended;

    /** Whether a graph may hold exchanges. */
    private boolean captured;

    /** Waits within NCCL for the graphs of an aborted communicator; null where there is none. */
    private Thread ending;

    /** A number as the pointer that the bindings take; used again for each call. */
    private static final class Address extends Pointer {
        Pointer at(long value) {
            address = value;
            return this;
        }
    }

    /**
     * Begins to join a communicator; it can be used when {@link #isInProgress} says no.
     *
     * @param id of {@link #newId}, the same in all ranks
     * @param stream of the backend
     */
    public Communicator(byte[] id, int size, int rank, Stream stream) {
        this.stream = stream;
        this.side = new SideStream(stream);
        this.nativeStream = new CUstream_st(new Address().at(side.address()));
        try {
            join(id, size, rank);
        } catch (RuntimeException | Error e) {
            ended = true;
            side.close();
            throw e;
        }
    }

    private void join(byte[] id, int size, int rank) {
        stream.context().makeCurrent();
        try (ncclUniqueId unique = new ncclUniqueId();
                ncclConfig_t config = configuration()) {
            for (int i = 0; i < id.length; i++) {
                unique.internal(i, id[i]);
            }
            require(nccl.ncclCommInitRankConfig(handle, size, unique, rank, config), "ncclCommInitRankConfig");
        }
    }

    private static ncclConfig_t configuration() {
        ncclConfig_t config = new ncclConfig_t();
        return config.size(config.sizeof())
                .magic(MAGIC)
                .version(nccl.NCCL_VERSION_CODE)
                .blocking(0)
                .cgaClusterSize(UNDEFINED)
                .minCTAs(UNDEFINED)
                .maxCTAs(UNDEFINED)
                .netName((BytePointer) null)
                .splitShare(UNDEFINED);
    }

    /** Returns the id of a new communicator, which one rank makes and tells the others. */
    public static byte[] newId() {
        try (ncclUniqueId unique = new ncclUniqueId()) {
            require(nccl.ncclGetUniqueId(unique), "ncclGetUniqueId");
            byte[] id = new byte[unique.sizeof()];
            for (int i = 0; i < id.length; i++) {
                id[i] = unique.internal(i);
            }
            return id;
        }
    }

    /** Returns NCCL's version, such as 2.23.4. */
    public static String version() {
        int[] version = {0};
        require(nccl.ncclGetVersion(version), "ncclGetVersion");
        return version[0] / 10_000 + "." + version[0] / 100 % 100 + "." + version[0] % 100;
    }

    /** Tells whether NCCL still works on a call, and it has not failed. */
    public synchronized boolean isInProgress() {
        return asyncError() == nccl.ncclInProgress;
    }

    /** Returns in words what has gone wrong since the last call, such as the loss of another rank; null where nothing has. */
    public synchronized String failure() {
        int error = asyncError();
        return error == nccl.ncclSuccess || error == nccl.ncclInProgress ? null : words(error);
    }

    private int asyncError() {
        if (ended) {
            return nccl.ncclSuccess;
        }
        int[] error = {0};
        require(nccl.ncclCommGetAsyncError(handle, error), "ncclCommGetAsyncError");
        return error[0];
    }

    /** Begins sums over all ranks, which replace the numbers, after what the backend's stream holds. */
    public synchronized void allReduce(Reduction reduction, List<Part> parts) {
        int operation = switch (reduction) {
            case SUM -> nccl.ncclSum;
            case MIN -> nccl.ncclMin;
            case MAX -> nccl.ncclMax;
        };
        parts.forEach(part -> type(part.dtype())); // refused before a group of calls is begun, which would stay open
        exchange("all-reduce", parts, part -> {
            Pointer at = address.at(part.address());
            return nccl.ncclAllReduce(at, at, part.count(), type(part.dtype()), operation, handle, nativeStream);
        });
    }

    /** Begins copies of the numbers of one rank, likewise. */
    public synchronized void broadcast(int root, List<Part> parts) {
        exchange("broadcast", parts, part -> {
            Pointer at = address.at(part.address());
            return nccl.ncclBroadcast(at, at, part.bytes(), nccl.ncclInt8, root, handle, nativeStream);
        });
    }

    private interface Call {
        int of(Part part);
    }

    /** NCCL makes one launch of the calls of a group. */
    private void exchange(String name, List<Part> parts, Call call) {
        if (ended) {
            throw new NcclException("The communicator was ended before the " + name);
        }
        captured |= stream.isCapturing();
        side.fork();
        require(nccl.ncclGroupStart(), "ncclGroupStart");
        int first = nccl.ncclSuccess;
        long bytes = 0;
        for (int i = 0; i < parts.size() && first == nccl.ncclSuccess; i++) {
            int status = call.of(parts.get(i));
            first = status == nccl.ncclInProgress ? nccl.ncclSuccess : status;
            bytes += parts.get(i).bytes();
        }
        int end = nccl.ncclGroupEnd();
        require(first == nccl.ncclSuccess ? end : first, "ncclGroupEnd of an " + name + " of " + bytes + " bytes");
        stream.tell(WorkKind.COPY, name, 2 * bytes, 0);
    }

    /** Sets a mark behind the exchanges that were begun. */
    synchronized void record(Event mark) {
        side.record(mark);
    }

    /** Has what comes to the backend's stream later wait for the exchanges that were begun. */
    public synchronized void join() {
        side.join();
    }

    private static int type(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> nccl.ncclFloat32;
            case FLOAT64 -> nccl.ncclFloat64;
            case FLOAT16 -> nccl.ncclFloat16;
            case BFLOAT16 -> nccl.ncclBfloat16;
            case INT32 -> nccl.ncclInt32;
            case INT64 -> nccl.ncclInt64;
            default ->
                throw new IllegalArgumentException(
                        "An all-reduce expects numbers, got " + dtype + "; convert them to int32 first");
        };
    }

    /** Ends what the streams wait for, without the other ranks; its numbers are undefined. Does nothing where the communicator has ended. */
    public synchronized void abort() {
        if (ended) {
            return;
        }
        ended = true;
        if (captured) {
            ending = new Thread(() -> nccl.ncclCommAbort(handle), "alborz-nccl-abort");
            ending.setDaemon(true);
            ending.start();
        } else {
            nccl.ncclCommAbort(handle);
        }
    }

    /** Gives everything back, when all ranks have ended their exchanges or this one has aborted them, and no graph holds any. */
    public void close() {
        if (!awaitAbort()) {
            log.warn(
                    "NCCL has not ended within {} ms after it was aborted; its memory stays until the process ends",
                    ABORT_MILLIS);
            return;
        }
        synchronized (this) {
            stream.context().makeCurrentToClose();
            try (side) {
                if (!ended) {
                    ended = true;
                    require(nccl.ncclCommDestroy(handle), "ncclCommDestroy");
                }
            }
        }
    }

    private boolean awaitAbort() {
        Thread aborting;
        synchronized (this) {
            aborting = ending;
        }
        try {
            if (aborting != null) {
                aborting.join(ABORT_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return aborting == null || !aborting.isAlive();
    }

    private static void require(int status, String call) {
        if (status != nccl.ncclSuccess && status != nccl.ncclInProgress) {
            throw new NcclException(call + " failed: " + words(status));
        }
    }

    private static String words(int status) {
        String last = text(nccl.ncclGetLastError(null));
        return text(nccl.ncclGetErrorString(status)) + (last.isBlank() ? "" : "; " + last.strip());
    }

    private static String text(BytePointer text) {
        return text == null || text.isNull() ? "" : text.getString();
    }
}

package org.alborz.distributed;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;

/**
 * The two connections of a rank: frames come from the one before, and go to the one after by a thread of their own, so that no cycle blocks.
 * At most as many frames wait to be sent as are given to the constructor; one more waits in {@link #send}.
 */
final class Link implements Closeable {
    private static final int BUFFER = 1 << 16;

    private static final long GRACE_MILLIS = 2000;

    /** How often a wait looks whether it is to end. */
    private static final long LOOK_MILLIS = 100;

    private static final int LINGER_SECONDS = 2;

    private final Socket before;
    private final Socket after;
    private final int timeoutMillis;
    private final DataInputStream in;
    private final OutputStream out;
    private final ByteBuffer received = ByteBuffer.allocate(Frame.HEADER);
    private final ByteBuffer sent = ByteBuffer.allocate(Frame.HEADER);
    private final BlockingQueue<Frame> queue;

    /** Frames of a piece's size that are not in use. */
    private final BlockingQueue<Frame> spare;

    private final Thread sender;
    private volatile IOException failure;
    private volatile boolean ending;

    /**
     * Makes a link, which closes the connections.
     *
     * @param timeoutMillis how long a frame may take to come, or to find a place to wait in
     * @param places how many frames may wait to be sent
     */
    Link(Socket before, Socket after, int timeoutMillis, int places) throws IOException {
        this.before = before;
        this.after = after;
        this.timeoutMillis = timeoutMillis;
        queue = new ArrayBlockingQueue<>(places);
        spare = new ArrayBlockingQueue<>(places + 4); // and those in the hands of both threads
        before.setSoTimeout(timeoutMillis);
        for (Socket socket : new Socket[] {before, after}) {
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            if (socket instanceof SSLSocket) {
                socket.setSoLinger(true, LINGER_SECONDS); // else close() waits for a write that is blocked
            }
        }
        in = new DataInputStream(new BufferedInputStream(before.getInputStream(), BUFFER));
        out = new BufferedOutputStream(after.getOutputStream(), BUFFER);
        sender = new Thread(this::sendAll, "alborz-collective-send");
        sender.setDaemon(true);
        sender.start();
    }

    /** Returns a frame for up to so many bytes; one of at most a piece is to be given to {@link #send} or {@link #giveBack}. */
    Frame take(int bytes) {
        if (bytes > Frame.PIECE) {
            return new Frame(new byte[bytes]);
        }
        Frame frame = spare.poll();
        return frame == null ? new Frame(new byte[Frame.PIECE]) : frame;
    }

    /** Takes back a frame that is not needed any more. */
    void giveBack(Frame frame) {
        if (frame.bytes().length == Frame.PIECE) {
            spare.offer(frame); // more than that are left to the collector
        }
    }

    /**
     * Sends a frame, later, and gives it back then. Where the connection has failed it is dropped: the next {@link #receive} says why.
     *
     * @throws SocketTimeoutException where none of those before it could be sent in time
     * @throws InterruptedIOException when this thread is interrupted while it waits for a place; its interrupt is set then
     * @throws IOException when another thread ends the link meanwhile
     */
    void send(Frame frame) throws IOException {
        if (queue.offer(frame)) {
            return;
        }
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        try {
            while (failure == null && !queue.offer(frame, LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                if (ending) {
                    throw new IOException("the link was closed");
                }
                if (System.nanoTime() - deadline > 0) {
                    throw new SocketTimeoutException("nothing could be sent for " + timeoutMillis + " ms");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted in a wait for a place");
            interrupted.initCause(e);
            throw interrupted;
        }
    }

    private void sendAll() {
        try {
            while (true) {
                Frame frame = queue.take();
                frame.writeHeader(sent);
                out.write(sent.array());
                out.write(frame.bytes(), 0, frame.length());
                if (queue.isEmpty()) {
                    out.flush();
                }
                if (frame.kind() == Frame.Kind.LEAVE || frame.kind() == Frame.Kind.ABORT) {
                    out.flush();
                    return;
                }
                giveBack(frame);
            }
        } catch (IOException e) {
            failure = e;
            endReceive();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    /** Ends a wait for a frame where none comes soon: the rank before may know why the one after has gone. */
    private void endReceive() {
        try {
            Thread.sleep(GRACE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
        Sockets.close(before);
    }

    /** Returns why frames cannot be sent any more, or null. */
    IOException failure() {
        return failure;
    }

    /** Waits for a frame, which is to be sent on or given back. */
    Frame receive() throws IOException {
        in.readFully(received.array());
        Frame.Kind kind = Frame.kindOf(received);
        int length = received.getInt(13);
        if (kind == null || length < 0 || length > Frame.MOST_BYTES) {
            throw new IOException(
                    "a frame of kind " + received.get(0) + " with " + length + " bytes is none of this protocol");
        }
        Frame frame = take(length).set(kind, received.getLong(1), received.getInt(9), length);
        in.readFully(frame.bytes(), 0, length);
        return frame;
    }

    /** Ends a wait, for a frame or for a place to send one, which then fails. */
    void interrupt() {
        ending = true;
        Sockets.close(before);
    }

    /** Sends a last frame, and what waits before it, for at most so long, also in a thread that was interrupted; then closes. */
    void closeAfter(Frame last, long millis) {
        boolean interrupted = Thread.interrupted(); // else nothing would be waited for
        try {
            if (failure == null && queue.offer(last, millis, TimeUnit.MILLISECONDS)) {
                sender.join(millis);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        Sockets.close(before);
        Sockets.close(after);
        sender.interrupt();
        try {
            sender.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package org.alborz.distributed;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The two connections of a rank: frames come from the one before, and go to the one after by a thread of their own, so that no cycle blocks. */
final class Link implements Closeable {
    private static final int BUFFER = 1 << 16;

    private static final long GRACE_MILLIS = 2000;

    private final Socket before;
    private final Socket after;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final BlockingQueue<Frame> queue = new LinkedBlockingQueue<>();
    private final Thread sender;
    private volatile IOException failure;

    /** @param timeoutMillis how long a frame may take to come */
    Link(Socket before, Socket after, int timeoutMillis) throws IOException {
        this.before = before;
        this.after = after;
        before.setSoTimeout(timeoutMillis);
        for (Socket socket : new Socket[] {before, after}) {
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
        }
        in = new DataInputStream(new BufferedInputStream(before.getInputStream(), BUFFER));
        out = new DataOutputStream(new BufferedOutputStream(after.getOutputStream(), BUFFER));
        sender = new Thread(this::sendAll, "alborz-collective-send");
        sender.setDaemon(true);
        sender.start();
    }

    /** Sends a frame, later. */
    void send(Frame frame) {
        queue.add(frame);
    }

    private void sendAll() {
        try {
            while (true) {
                Frame frame = queue.take();
                out.writeByte(frame.kind().ordinal());
                out.writeLong(frame.call());
                out.writeInt(frame.signature());
                out.writeInt(frame.bytes().length);
                out.write(frame.bytes());
                if (queue.isEmpty()) {
                    out.flush();
                }
                if (frame.kind() == Frame.Kind.LEAVE || frame.kind() == Frame.Kind.ABORT) {
                    out.flush();
                    return;
                }
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

    /** Waits for a frame. */
    Frame receive() throws IOException {
        int kind = in.readUnsignedByte();
        long call = in.readLong();
        int signature = in.readInt();
        int length = in.readInt();
        if (kind >= Frame.Kind.values().length || length < 0 || length > Frame.MOST_BYTES) {
            throw new IOException("a frame of kind " + kind + " with " + length + " bytes is none of this protocol");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return new Frame(Frame.Kind.values()[kind], call, signature, bytes);
    }

    /** Ends a wait for a frame, which then fails. */
    void interruptReceive() {
        Sockets.close(before);
    }

    /** Sends a last frame, and what waits before it, for at most so long; then closes. */
    void closeAfter(Frame last, long millis) {
        queue.add(last);
        try {
            sender.join(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
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

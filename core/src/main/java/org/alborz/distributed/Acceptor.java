package org.alborz.distributed;

import java.io.Closeable;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts connections of those that know the token. Each has a thread and a short time for it, so that a stranger that is silent or slow
 * keeps nobody waiting; strangers are logged and refused.
 */
final class Acceptor implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(Acceptor.class);

    /** How long a connection has for its handshake. */
    private static final int HANDSHAKE_MILLIS = 20_000;

    /** How long to wait after a connection that could not be accepted, such as where there are no more file handles. */
    private static final int PAUSE_MILLIS = 500;

    /** Connections that may be in their handshake at a time; further ones wait for the operating system's queue. */
    private static final int MOST_AT_A_TIME = 64;

    private final ServerSocket server;
    private final Handshake handshake;
    private final int handshakeMillis;
    private final BlockingQueue<Peer> peers = new LinkedBlockingQueue<>();
    private final Semaphore places = new Semaphore(MOST_AT_A_TIME);

    /** A connection whose other side knows the token, and its message. */
    record Peer(Socket socket, byte[] message) {}

    Acceptor(ServerSocket server, Handshake handshake) {
        this(server, handshake, HANDSHAKE_MILLIS);
    }

    /** @param handshakeMillis how long a connection has for its handshake */
    Acceptor(ServerSocket server, Handshake handshake, int handshakeMillis) {
        this.server = server;
        this.handshake = handshake;
        this.handshakeMillis = handshakeMillis;
        daemon("accept", this::accept);
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, "alborz-collective-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        try {
            while (!server.isClosed()) {
                places.acquire();
                acceptOne();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void acceptOne() throws InterruptedException {
        try {
            Socket socket = server.accept();
            daemon("handshake", () -> greet(socket));
        } catch (IOException e) {
            places.release();
            if (!server.isClosed()) {
                log.warn("A connection to port {} could not be accepted: {}", port(), e.getMessage());
                Thread.sleep(PAUSE_MILLIS);
            }
        }
    }

    private void greet(Socket socket) {
        Watch watch = new Watch(socket, handshakeMillis); // a read's time-out would start over with each byte
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(handshakeMillis);
            byte[] message = handshake.accept(socket);
            if (!watch.end()) {
                throw new IOException("it took over " + handshakeMillis + " ms");
            }
            peers.add(new Peer(socket, message));
            if (server.isClosed()) {
                closePeers(); // which close() may have come too early for
            }
        } catch (IOException e) {
            watch.end();
            log.warn("A connection from {} was refused: {}", socket.getRemoteSocketAddress(), e.getMessage());
            Sockets.close(socket);
        } finally {
            places.release();
        }
    }

    /** Returns the next that knows the token, or null where none comes in time. */
    Peer next(long millis) throws InterruptedException {
        return peers.poll(millis, TimeUnit.MILLISECONDS);
    }

    /** Stops accepting; connections that were not taken are closed. */
    @Override
    public void close() {
        Sockets.close(server);
        closePeers();
    }

    private void closePeers() {
        for (Peer peer = peers.poll(); peer != null; peer = peers.poll()) {
            Sockets.close(peer.socket);
        }
    }

    /** Closes a socket unless it is told in time that all is well. */
    private static final class Watch {
        private boolean ended;
        private boolean late;

        Watch(Socket socket, long millis) {
            daemon("watch", () -> {
                synchronized (this) {
                    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
                    try {
                        for (long left = millis;
                                !ended && left > 0;
                                left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())) {
                            wait(left);
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    late = !ended;
                }
                if (late) {
                    Sockets.close(socket);
                }
            });
        }

        /** Tells whether it was in time. */
        synchronized boolean end() {
            ended = true;
            notifyAll();
            return !late;
        }
    }
}

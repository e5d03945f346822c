package org.alborz.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The connections of a rank whose neighbour reads nothing. */
@Timeout(300)
final class LinkTest {
    private static final int PLACES = 3;

    /** A rank that is stopped: what waits for it is bounded by the places and what the operating system's buffers take, not by the memory. */
    @Test
    void aNeighbourThatReadsNothingFillsNoMemory() throws IOException {
        try (ServerSocket server = server();
                Link link = link(server, 200)) {
            int sent = 0;
            try {
                while (sent < 10_000) {
                    link.send(frame(link));
                    sent++;
                }
            } catch (SocketTimeoutException e) {
                assertThat(e).hasMessage("nothing could be sent for 200 ms");
            }
            assertThat(sent).isBetween(PLACES, 1_000);
        }
    }

    @Test
    void aWaitForAPlaceEndsWhereTheLinkDoes() throws Exception {
        try (ServerSocket server = server();
                Link link = link(server, 600_000)) {
            Thread other = new Thread(link::interrupt);
            assertThatThrownBy(() -> {
                        for (int sent = 0; sent < 10_000; sent++) {
                            if (sent == PLACES) {
                                other.start();
                            }
                            link.send(frame(link));
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessage("the link was closed");
            other.join();
        }
    }

    @Test
    void anInterruptedWaitForAPlaceIsSaidToBeOne() throws IOException {
        try (ServerSocket server = server();
                Link link = link(server, 600_000)) {
            Thread.currentThread().interrupt();
            try {
                assertThatThrownBy(() -> {
                            while (true) {
                                link.send(frame(link));
                            }
                        })
                        .isInstanceOf(InterruptedIOException.class)
                        .isNotInstanceOf(SocketTimeoutException.class);
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
        }
    }

    @Test
    void anInterruptedThreadSendsItsLastFrame() throws IOException {
        try (ServerSocket server = server();
                Link link = link(server, 600_000);
                Socket unused = server.accept();
                Socket neighbour = server.accept()) {
            Thread.currentThread().interrupt();
            link.closeAfter(new Frame(new byte[] {7}).set(Frame.Kind.ABORT, 3, 0, 1), 30_000);
            assertThat(Thread.interrupted()).isTrue();
            neighbour.setSoTimeout(10_000);
            byte[] received = neighbour.getInputStream().readAllBytes();
            assertThat(received).hasSize(Frame.HEADER + 1).startsWith(Frame.Kind.ABORT.ordinal());
            assertThat(received[Frame.HEADER]).isEqualTo((byte) 7);
            assertThat(unused.isClosed()).isFalse();
        }
    }

    /** Frames are used again, and never lost to one that is still to be sent. */
    @Test
    void framesAreUsedAgain() throws IOException {
        try (ServerSocket server = server();
                Link link = link(server, 1000)) {
            Frame frame = link.take(Frame.PIECE);
            assertThat(link.take(1)).isNotSameAs(frame);
            link.giveBack(frame);
            assertThat(link.take(1)).isSameAs(frame);
            Frame large = link.take(Frame.PIECE + 1);
            link.giveBack(large);
            assertThat(link.take(Frame.PIECE)).isNotSameAs(large);
        }
    }

    /** Returns where both neighbours of a link would be; whoever does not accept reads nothing. */
    private static ServerSocket server() throws IOException {
        return new ServerSocket(0, 2, InetAddress.getLoopbackAddress());
    }

    private static Link link(ServerSocket server, int timeoutMillis) throws IOException {
        Socket before = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket after = new Socket(server.getInetAddress(), server.getLocalPort());
        return new Link(before, after, timeoutMillis, PLACES);
    }

    private static Frame frame(Link link) {
        return link.take(Frame.PIECE).set(Frame.Kind.RESULT, 1, 1, Frame.PIECE);
    }
}

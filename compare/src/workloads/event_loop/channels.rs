//! The channels that the peers use: their own where they have one, else local-sync.

use super::peer::Channels;

/// `tokio::sync`.
pub struct Tokio;

impl Channels for Tokio {
    const NAME: &'static str = "tokio::sync";
    type Sender = tokio::sync::mpsc::Sender<u64>;
    type Receiver = tokio::sync::mpsc::Receiver<u64>;
    type OneShotSender = tokio::sync::oneshot::Sender<u64>;
    type OneShotReceiver = tokio::sync::oneshot::Receiver<u64>;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver) {
        tokio::sync::mpsc::channel(capacity)
    }

    async fn send(sender: &Self::Sender, item: u64) {
        sender.send(item).await.expect("the receiver waits for all");
    }

    async fn receive(receiver: &mut Self::Receiver) -> u64 {
        receiver.recv().await.expect("the sender sends all")
    }

    fn one_shot() -> (Self::OneShotSender, Self::OneShotReceiver) {
        tokio::sync::oneshot::channel()
    }

    fn send_once(sender: Self::OneShotSender, item: u64) {
        sender.send(item).expect("the receiver waits");
    }

    async fn receive_once(receiver: Self::OneShotReceiver) -> u64 {
        receiver.await.expect("the sender sends")
    }
}

/// `async-channel`; it has no one-shot, for which smol's users take the one of futures.
pub struct Smol;

impl Channels for Smol {
    const NAME: &'static str = "async-channel, futures-channel";
    type Sender = async_channel::Sender<u64>;
    type Receiver = async_channel::Receiver<u64>;
    type OneShotSender = futures_channel::oneshot::Sender<u64>;
    type OneShotReceiver = futures_channel::oneshot::Receiver<u64>;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver) {
        async_channel::bounded(capacity)
    }

    async fn send(sender: &Self::Sender, item: u64) {
        sender.send(item).await.expect("the receiver waits for all");
    }

    async fn receive(receiver: &mut Self::Receiver) -> u64 {
        receiver.recv().await.expect("the sender sends all")
    }

    fn one_shot() -> (Self::OneShotSender, Self::OneShotReceiver) {
        futures_channel::oneshot::channel()
    }

    fn send_once(sender: Self::OneShotSender, item: u64) {
        sender.send(item).expect("the receiver waits");
    }

    async fn receive_once(receiver: Self::OneShotReceiver) -> u64 {
        receiver.await.expect("the sender sends")
    }
}

/// `local-sync`, for loops of one thread.
pub struct Local;

impl Channels for Local {
    const NAME: &'static str = "local-sync";
    type Sender = local_sync::mpsc::bounded::Tx<u64>;
    type Receiver = local_sync::mpsc::bounded::Rx<u64>;
    type OneShotSender = local_sync::oneshot::Sender<u64>;
    type OneShotReceiver = local_sync::oneshot::Receiver<u64>;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver) {
        local_sync::mpsc::bounded::channel(capacity)
    }

    async fn send(sender: &Self::Sender, item: u64) {
        let sent = sender.send(item).await;
        assert!(sent.is_ok(), "the receiver waits for all");
    }

    async fn receive(receiver: &mut Self::Receiver) -> u64 {
        receiver.recv().await.expect("the sender sends all")
    }

    fn one_shot() -> (Self::OneShotSender, Self::OneShotReceiver) {
        local_sync::oneshot::channel()
    }

    fn send_once(sender: Self::OneShotSender, item: u64) {
        sender.send(item).expect("the receiver waits");
    }

    async fn receive_once(receiver: Self::OneShotReceiver) -> u64 {
        receiver.await.expect("the sender sends")
    }
}

/// glommio's own between tasks of one thread; it has no one-shot either.
#[cfg(target_os = "linux")]
pub struct Glommio;

#[cfg(target_os = "linux")]
impl Channels for Glommio {
    const NAME: &'static str = "glommio::channels, futures-channel";
    type Sender = glommio::channels::local_channel::LocalSender<u64>;
    type Receiver = glommio::channels::local_channel::LocalReceiver<u64>;
    type OneShotSender = futures_channel::oneshot::Sender<u64>;
    type OneShotReceiver = futures_channel::oneshot::Receiver<u64>;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver) {
        glommio::channels::local_channel::new_bounded(capacity)
    }

    async fn send(sender: &Self::Sender, item: u64) {
        let sent = sender.send(item).await;
        assert!(sent.is_ok(), "the receiver waits for all");
    }

    async fn receive(receiver: &mut Self::Receiver) -> u64 {
        receiver.recv().await.expect("the sender sends all")
    }

    fn one_shot() -> (Self::OneShotSender, Self::OneShotReceiver) {
        futures_channel::oneshot::channel()
    }

    fn send_once(sender: Self::OneShotSender, item: u64) {
        sender.send(item).expect("the receiver waits");
    }

    async fn receive_once(receiver: Self::OneShotReceiver) -> u64 {
        receiver.await.expect("the sender sends")
    }
}

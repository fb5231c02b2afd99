//! Keeping up with the log directory.

use std::sync::Arc;

use crate::board::Board;

/// Starts to load and to follow, behind.
pub(crate) fn start(board: &Arc<Board>) {
    let board = Arc::clone(board);
    let follow = move || {
        board.store.load();
        board.set_loaded();
        let _follower = board.store.follow();
        std::thread::park();
    };
    let _ = std::thread::Builder::new().name("first look".to_owned()).spawn(follow);
}

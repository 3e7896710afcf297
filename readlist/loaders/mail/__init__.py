"""Mail: messages, saved web pages (MHTML) and mailboxes, whose text other loaders parse."""

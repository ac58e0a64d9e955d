SELECT {x:String} FROM page_visit
